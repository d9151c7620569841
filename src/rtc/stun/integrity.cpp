#define OPENSSL_SUPPRESS_DEPRECATED  // SHA_CTX: a MAC of EVP allocates for each message
#include "rtc/stun/integrity.hpp"

#include <openssl/sha.h>

namespace telltale::rtc::stun {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? 0xedb8'8320U : 0U);
    table[i] = value;
  }
  return table;
}
constexpr auto kTable = make_table();

}  // namespace

std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, Bytes first, Bytes second) noexcept {
  std::array<std::uint8_t, 64> pad = {};
  if (key.size() <= pad.size())
    std::copy(key.begin(), key.end(), pad.begin());
  else
    SHA1(as_bytes(key).data(), key.size(), pad.data());
  for (auto& byte : pad) byte ^= 0x36U;
  SHA_CTX context = {};
  std::array<std::uint8_t, 20> digest = {};
  SHA1_Init(&context);
  SHA1_Update(&context, pad.data(), pad.size());
  SHA1_Update(&context, first.data(), first.size());
  SHA1_Update(&context, second.data(), second.size());
  SHA1_Final(digest.data(), &context);
  for (auto& byte : pad) byte ^= 0x36U ^ 0x5cU;
  SHA1_Init(&context);
  SHA1_Update(&context, pad.data(), pad.size());
  SHA1_Update(&context, digest.data(), digest.size());
  SHA1_Final(digest.data(), &context);
  return digest;
}

std::uint32_t crc32(Bytes first, Bytes second) noexcept {
  std::uint32_t value = 0xffff'ffff;
  for (const auto part : {first, second})
    for (const auto byte : part) value = value >> 8U ^ kTable[(value ^ byte) & 0xffU];
  return ~value;
}

}  // namespace telltale::rtc::stun
