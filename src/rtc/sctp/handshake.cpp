#include "rtc/sctp/handshake.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.hpp"

namespace telltale::rtc::sctp {
namespace {

constexpr std::size_t kInitFixed = 16;
constexpr std::size_t kUnrecognizedMax = 512;  // bytes that are sent back
constexpr std::size_t kMacSize = 32;
constexpr std::size_t kCookieSize = 4 * 9 + 8;

constexpr std::uint16_t kIpv4 = 5;
constexpr std::uint16_t kIpv6 = 6;
constexpr std::uint16_t kStateCookie = 7;
constexpr std::uint16_t kUnrecognized = 8;
constexpr std::uint16_t kCookiePreservative = 9;
constexpr std::uint16_t kHostName = 11;
constexpr std::uint16_t kAddressTypes = 12;
constexpr std::uint16_t kSupportedExtensions = 0x8008;  // RFC 5061
constexpr std::uint16_t kForwardTsn = 0xc000;

void note_extensions(Bytes types, Capabilities& capabilities) {
  for (const auto type : types) {
    if (type == static_cast<std::uint8_t>(ChunkType::re_config)) capabilities.re_config = true;
    if (type == static_cast<std::uint8_t>(ChunkType::forward_tsn)) capabilities.forward_tsn = true;
  }
}

// False: an unknown one that ends the reading of parameters (section 3.2.1).
bool take(const Parameter& parameter, Init& init) {
  switch (parameter.type) {
    case kStateCookie:
      init.cookie.assign(parameter.value.begin(), parameter.value.end());
      return true;
    case kSupportedExtensions:
      note_extensions(parameter.value, init.capabilities);
      return true;
    case kForwardTsn:
      init.capabilities.forward_tsn = true;
      return true;
    case kHostName:
      init.host_name = true;
      return true;
    case kIpv4:  // below is DTLS: there are no addresses (RFC 8261 section 5)
    case kIpv6:
    case kUnrecognized:
    case kCookiePreservative:
    case kAddressTypes:
      return true;
    default:
      break;
  }
  const auto high = static_cast<std::uint8_t>(parameter.type >> 8U);
  std::size_t reported = padded(parameter.whole.size()) + kChunkHeader;
  for (const auto& other : init.unrecognized) reported += padded(other.size()) + kChunkHeader;
  if (reports_unknown(high) && reported <= kUnrecognizedMax)
    init.unrecognized.emplace_back(parameter.whole.begin(), parameter.whole.end());
  return skips_unknown(high);
}

void append(std::vector<std::uint8_t>& to, std::uint16_t type, Bytes value) {
  const auto at = to.size();
  to.resize(at + kChunkHeader + padded(value.size()));
  store_u16(to, at, type);
  store_u16(to, at + 2, static_cast<std::uint16_t>(kChunkHeader + value.size()));
  std::copy(value.begin(), value.end(),
            to.begin() + static_cast<std::ptrdiff_t>(at + kChunkHeader));
}

std::array<std::uint8_t, kMacSize> mac(Bytes bytes, const CookieKey& key) {
  std::array<std::uint8_t, kMacSize> digest = {};
  unsigned size = 0;
  const auto* const done = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                  bytes.data(), bytes.size(), digest.data(), &size);
  CHECK(done != nullptr && size == kMacSize);
  return digest;
}

}  // namespace

std::optional<Init> read_init(Bytes value) {
  Reader reader(value);
  Init init;
  init.tag = reader.u32();
  init.window = reader.u32();
  init.outgoing_streams = reader.u16();
  init.incoming_streams = reader.u16();
  init.initial_tsn = reader.u32();
  if (reader.failed()) return std::nullopt;
  ParameterReader parameters(reader.rest());
  while (const auto parameter = parameters.next())
    if (!take(*parameter, init)) return init;
  if (parameters.broken()) return std::nullopt;
  return init;
}

std::vector<std::uint8_t> write_init(const Init& init) {
  std::vector<std::uint8_t> value(kInitFixed);
  Writer writer(value);
  writer.u32(init.tag);
  writer.u32(init.window);
  writer.u16(init.outgoing_streams);
  writer.u16(init.incoming_streams);
  writer.u32(init.initial_tsn);
  if (!init.cookie.empty()) append(value, kStateCookie, init.cookie);
  for (const auto& parameter : init.unrecognized) append(value, kUnrecognized, parameter);
  std::vector<std::uint8_t> extensions;
  if (init.capabilities.re_config)
    extensions.push_back(static_cast<std::uint8_t>(ChunkType::re_config));
  if (init.capabilities.forward_tsn)
    extensions.push_back(static_cast<std::uint8_t>(ChunkType::forward_tsn));
  if (!extensions.empty()) append(value, kSupportedExtensions, extensions);
  // Last, because it is a whole word: a chunk's length counts no padding at its end.
  if (init.capabilities.forward_tsn) append(value, kForwardTsn, {});
  return value;
}

std::vector<std::uint8_t> seal(const Cookie& cookie, const CookieKey& key) {
  std::vector<std::uint8_t> sealed(kCookieSize + kMacSize);
  Writer writer(MutableBytes(sealed).first(kCookieSize));
  writer.u32(cookie.local_tag);
  writer.u32(cookie.local_initial_tsn);
  writer.u32(cookie.peer.tag);
  writer.u32(cookie.peer.window);
  writer.u16(cookie.peer.outgoing_streams);
  writer.u16(cookie.peer.incoming_streams);
  writer.u32(cookie.peer.initial_tsn);
  writer.u32(cookie.local_tie_tag);
  writer.u32(cookie.peer_tie_tag);
  writer.u32((cookie.peer.capabilities.forward_tsn ? 1U : 0U) |
             (cookie.peer.capabilities.re_config ? 2U : 0U));
  writer.u64(static_cast<std::uint64_t>(cookie.made.time_since_epoch().count()));
  CHECK(!writer.failed() && writer.left() == 0);
  const auto digest = mac(Bytes(sealed).first(kCookieSize), key);
  std::copy(digest.begin(), digest.end(), sealed.begin() + kCookieSize);
  return sealed;
}

std::optional<Cookie> open_cookie(Bytes sealed, const CookieKey& key) {
  if (sealed.size() != kCookieSize + kMacSize) return std::nullopt;
  const auto digest = mac(sealed.first(kCookieSize), key);
  if (::CRYPTO_memcmp(digest.data(), sealed.data() + kCookieSize, kMacSize) != 0)
    return std::nullopt;
  Reader reader(sealed.first(kCookieSize));
  Cookie cookie;
  cookie.local_tag = reader.u32();
  cookie.local_initial_tsn = reader.u32();
  cookie.peer.tag = reader.u32();
  cookie.peer.window = reader.u32();
  cookie.peer.outgoing_streams = reader.u16();
  cookie.peer.incoming_streams = reader.u16();
  cookie.peer.initial_tsn = reader.u32();
  cookie.local_tie_tag = reader.u32();
  cookie.peer_tie_tag = reader.u32();
  const auto flags = reader.u32();
  cookie.peer.capabilities = {.forward_tsn = (flags & 1U) != 0, .re_config = (flags & 2U) != 0};
  cookie.made = base::SteadyTime(base::Duration(static_cast<std::int64_t>(reader.u64())));
  return cookie;
}

}  // namespace telltale::rtc::sctp
