#include "content/multibase.hpp"

#include <cstdint>
#include <vector>

namespace telltale::content {
namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

std::unexpected<base::Error> foreign(std::string_view base, std::size_t at) {
  return base::fail(base::Code::invalid_argument,
                    "character " + std::to_string(at + 1) + " is not one of " + std::string(base));
}

// Positional bases: leading zero digits are leading zero bytes.
base::Result<std::string> decode_number(std::string_view text, std::string_view alphabet,
                                        std::string_view name) {
  std::vector<std::uint8_t> number;  // base 256, least significant first
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = alphabet.find(text[i]);
    if (digit == std::string_view::npos) return foreign(name, i);
    if (digit == 0 && zeros == i) ++zeros;
    std::size_t carry = digit;
    for (auto& byte : number) {
      carry += byte * alphabet.size();
      byte = static_cast<std::uint8_t>(carry & 0xffU);
      carry >>= 8U;
    }
    for (; carry > 0; carry >>= 8U) number.push_back(static_cast<std::uint8_t>(carry & 0xffU));
  }
  std::string out(zeros, '\0');
  out.append(number.rbegin(), number.rend());
  return out;
}

std::string lower_unless_mixed(std::string_view text) {
  bool lower = false, upper = false;
  for (const char c : text) {
    lower = lower || (c >= 'a' && c <= 'z');
    upper = upper || (c >= 'A' && c <= 'Z');
  }
  std::string out(text);
  if (upper && !lower)
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::string base58btc_encode(std::string_view bytes) {
  std::vector<std::uint8_t> digits;  // base 58, least significant first
  std::size_t zeros = 0;
  while (zeros < bytes.size() && bytes[zeros] == '\0') ++zeros;
  for (const char byte : bytes) {
    std::uint32_t carry = static_cast<unsigned char>(byte);
    for (auto& digit : digits) {
      carry += static_cast<std::uint32_t>(digit) << 8U;
      digit = static_cast<std::uint8_t>(carry % 58);
      carry /= 58;
    }
    for (; carry > 0; carry /= 58) digits.push_back(static_cast<std::uint8_t>(carry % 58));
  }
  std::string out(zeros, kBase58[0]);
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) out += kBase58[*digit];
  return out;
}

std::string base32_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8U) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 5; bits -= 5) out += kBase32[(buffer >> (bits - 5)) & 31U];
  }
  if (bits > 0) out += kBase32[(buffer << (5 - bits)) & 31U];
  return out;
}

base::Result<std::string> base58btc_decode(std::string_view text) {
  return decode_number(text, kBase58, "base58btc");
}

base::Result<std::string> base36_decode(std::string_view text) {
  return decode_number(lower_unless_mixed(text), kBase36, "base36");
}

base::Result<std::string> base32_decode(std::string_view given) {
  const auto text = lower_unless_mixed(given);
  std::string out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kBase32.find(text[i]);
    if (digit == std::string_view::npos) return foreign("base32", i);
    buffer = (buffer << 5U) | static_cast<std::uint32_t>(digit);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((buffer >> bits) & 0xffU);
  }
  if (bits >= 5 || (buffer & ((1U << bits) - 1U)) != 0)
    return base::fail(base::Code::invalid_argument, "the end is not one of base32");
  return out;
}

}  // namespace telltale::content
