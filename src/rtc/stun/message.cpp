#include "rtc/stun/message.hpp"

#include <openssl/crypto.h>

#include "rtc/stun/integrity.hpp"

namespace telltale::rtc::stun {
namespace {

constexpr std::size_t kIntegritySize = 20;
constexpr std::size_t kFingerprintSize = 4;
constexpr std::size_t kMaxUsername = 513;  // section 14.3
constexpr std::size_t kMaxReason = 763;    // section 14.8, in bytes

constexpr bool known(std::uint16_t type) noexcept {
  switch (type) {
    case attribute::kMappedAddress:
    case attribute::kUsername:
    case attribute::kMessageIntegrity:
    case attribute::kErrorCode:
    case attribute::kUnknownAttributes:
    case attribute::kRealm:
    case attribute::kNonce:
    case attribute::kXorMappedAddress:
    case attribute::kPriority:
    case attribute::kUseCandidate:
      return true;
    default:
      return type >= 0x8000;  // comprehension-optional
  }
}

// The header as it was when a check sum was made: its length ends with that attribute.
std::array<std::uint8_t, kHeaderSize> header_with_length(Bytes message,
                                                         std::size_t length) noexcept {
  std::array<std::uint8_t, kHeaderSize> header = {};
  std::copy_n(message.begin(), kHeaderSize, header.begin());
  store_u16(header, 2, static_cast<std::uint16_t>(length));
  return header;
}

std::array<std::uint8_t, 20> integrity_of(Bytes message, std::size_t at,
                                          std::string_view password) noexcept {
  const auto header = header_with_length(message, at + 4 + kIntegritySize - kHeaderSize);
  return hmac_sha1(password, header, message.subspan(kHeaderSize, at - kHeaderSize));
}

std::uint32_t fingerprint_of(Bytes message, std::size_t at) noexcept {
  const auto header = header_with_length(message, at + 4 + kFingerprintSize - kHeaderSize);
  return crc32(header, message.subspan(kHeaderSize, at - kHeaderSize)) ^ kFingerprintXor;
}

// RFC 8489 section 14.2: XOR with the cookie, for IPv6 also with the transaction.
void mask_address(Address& address, const TransactionId& transaction) noexcept {
  std::array<std::uint8_t, 16> mask = {};
  store_u32(mask, 0, kMagicCookie);
  std::copy(transaction.begin(), transaction.end(), mask.begin() + 4);
  address.port = static_cast<std::uint16_t>(address.port ^ (kMagicCookie >> 16U));
  for (std::size_t i = 0; i < (address.v6 ? 16U : 4U); ++i) address.ip[i] ^= mask[i];
}

}  // namespace

std::optional<Message> Message::parse(Bytes datagram) noexcept {
  if (datagram.size() < kHeaderSize || datagram.size() > kMaxMessage) return std::nullopt;
  const auto type = load_u16(datagram, 0);
  if ((type & 0xc000U) != 0 || load_u32(datagram, 4) != kMagicCookie) return std::nullopt;
  const auto length = load_u16(datagram, 2);
  if (length % 4 != 0 || length + kHeaderSize != datagram.size()) return std::nullopt;
  Message out;
  out.datagram_ = datagram;
  // Section 5: the two bits of the class lie between those of the method.
  out.class_ = static_cast<Class>((type >> 7U & 2U) | (type >> 4U & 1U));
  out.method_ =
      static_cast<std::uint16_t>((type & 0xfU) | (type >> 1U & 0x70U) | (type >> 2U & 0xf80U));
  std::copy_n(datagram.begin() + 8, out.transaction_.size(), out.transaction_.begin());
  for (std::size_t at = kHeaderSize; at < datagram.size();) {
    if (out.has_fingerprint_ || datagram.size() - at < 4) return std::nullopt;
    const auto attribute_type = load_u16(datagram, at);
    const std::size_t size = load_u16(datagram, at + 2);
    const auto padded = (size + 3) / 4 * 4;
    if (padded > datagram.size() - at - 4) return std::nullopt;
    if (!out.take(attribute_type, at, size)) return std::nullopt;
    at += 4 + padded;
  }
  return out;
}

bool Message::take(std::uint16_t type, std::size_t at, std::size_t size) noexcept {
  if (type == attribute::kFingerprint) {
    if (size != kFingerprintSize || load_u32(datagram_, at + 4) != fingerprint_of(datagram_, at))
      return false;
    has_fingerprint_ = true;
    return true;
  }
  if (integrity_at_ != 0) return true;
  if (type == attribute::kMessageIntegrity) {
    if (size != kIntegritySize) return false;
    integrity_at_ = static_cast<std::uint16_t>(at);
    return true;
  }
  if (count_ == kMaxAttributes) return false;
  if (!known(type)) store_u16(unknown_, 2 * unknown_count_++, type);
  entries_[count_++] = {.type = type,
                        .at = static_cast<std::uint16_t>(at + 4),
                        .size = static_cast<std::uint16_t>(size)};
  return true;
}

std::optional<Bytes> Message::find(std::uint16_t type) const noexcept {
  for (std::size_t i = 0; i < count_; ++i)
    if (entries_[i].type == type) return datagram_.subspan(entries_[i].at, entries_[i].size);
  return std::nullopt;
}

std::optional<std::string_view> Message::username() const noexcept {
  const auto value = find(attribute::kUsername);
  if (!value || value->size() > kMaxUsername) return std::nullopt;
  return as_text(*value);
}

std::optional<std::uint32_t> Message::priority() const noexcept {
  const auto value = find(attribute::kPriority);
  if (!value || value->size() != 4) return std::nullopt;
  return load_u32(*value, 0);
}

std::optional<std::uint64_t> Message::controlling() const noexcept {
  const auto value = find(attribute::kIceControlling);
  if (!value || value->size() != 8) return std::nullopt;
  return load_be<8>(*value, 0);
}

std::optional<std::uint64_t> Message::controlled() const noexcept {
  const auto value = find(attribute::kIceControlled);
  if (!value || value->size() != 8) return std::nullopt;
  return load_be<8>(*value, 0);
}

std::optional<Address> Message::mapped_address() const noexcept {
  const auto value = find(attribute::kXorMappedAddress);
  if (!value || value->size() < 8) return std::nullopt;
  const auto family = (*value)[1];
  if (!(family == 1 && value->size() == 8) && !(family == 2 && value->size() == 20))
    return std::nullopt;
  Address out{.v6 = family == 2, .port = load_u16(*value, 2)};
  const auto ip = value->subspan(4);
  std::copy(ip.begin(), ip.end(), out.ip.begin());
  mask_address(out, transaction_);
  return out;
}

std::optional<ErrorCode> Message::error() const noexcept {
  const auto value = find(attribute::kErrorCode);
  if (!value || value->size() < 4 || value->size() > 4 + kMaxReason) return std::nullopt;
  const auto hundreds = static_cast<int>((*value)[2] & 7U);
  const int rest = (*value)[3];
  if (hundreds < 3 || hundreds > 6 || rest > 99) return std::nullopt;
  return ErrorCode{.code = hundreds * 100 + rest, .reason = as_text(value->subspan(4))};
}

bool Message::authentic(std::string_view password) const noexcept {
  if (integrity_at_ == 0) return false;
  const auto expected = integrity_of(datagram_, integrity_at_, password);
  return CRYPTO_memcmp(expected.data(), datagram_.subspan(integrity_at_ + 4U).data(),
                       expected.size()) == 0;
}

MessageWriter::MessageWriter(MutableBytes out, Class message_class,
                             const TransactionId& transaction, std::uint16_t method) noexcept
    : out_(out), writer_(out) {
  const auto of_class = static_cast<unsigned>(message_class);
  writer_.u16((method & 0xfU) | (method & 0x70U) << 1U | (method & 0xf80U) << 2U |
              (of_class & 1U) << 4U | (of_class & 2U) << 7U);
  writer_.u16(0);
  writer_.u32(kMagicCookie);
  writer_.bytes(transaction);
}

void MessageWriter::set_length(std::size_t behind_header) noexcept {
  if (!writer_.failed()) store_u16(out_, 2, static_cast<std::uint16_t>(behind_header));
}

void MessageWriter::raw(std::uint16_t type, Bytes value) noexcept {
  writer_.u16(type);
  writer_.u16(value.size());
  writer_.bytes(value);
  writer_.zeros((4 - value.size() % 4) % 4);
  set_length(writer_.position() - kHeaderSize);
}

void MessageWriter::username(std::string_view name) noexcept {
  raw(attribute::kUsername, as_bytes(name));
}

void MessageWriter::priority(std::uint32_t value) noexcept {
  std::array<std::uint8_t, 4> bytes = {};
  store_u32(bytes, 0, value);
  raw(attribute::kPriority, bytes);
}

void MessageWriter::use_candidate() noexcept {
  raw(attribute::kUseCandidate, {});
}

void MessageWriter::controlling(std::uint64_t tie_breaker) noexcept {
  std::array<std::uint8_t, 8> bytes = {};
  store_be<8>(bytes, 0, tie_breaker);
  raw(attribute::kIceControlling, bytes);
}

void MessageWriter::controlled(std::uint64_t tie_breaker) noexcept {
  std::array<std::uint8_t, 8> bytes = {};
  store_be<8>(bytes, 0, tie_breaker);
  raw(attribute::kIceControlled, bytes);
}

void MessageWriter::mapped_address(const Address& address) noexcept {
  auto masked = address;
  TransactionId transaction = {};
  if (out_.size() >= kHeaderSize)
    std::copy_n(out_.begin() + 8, transaction.size(), transaction.begin());
  mask_address(masked, transaction);
  std::array<std::uint8_t, 20> bytes = {};
  bytes[1] = masked.v6 ? 2 : 1;
  store_u16(bytes, 2, masked.port);
  const auto ip = masked.ip_bytes();
  std::copy(ip.begin(), ip.end(), bytes.begin() + 4);
  raw(attribute::kXorMappedAddress, Bytes(bytes).first(4 + ip.size()));
}

void MessageWriter::error(int code, std::string_view reason) noexcept {
  std::array<std::uint8_t, 68> bytes = {};
  reason = reason.substr(0, bytes.size() - 4);
  bytes[2] = static_cast<std::uint8_t>(code / 100);
  bytes[3] = static_cast<std::uint8_t>(code % 100);
  std::copy(reason.begin(), reason.end(), bytes.begin() + 4);
  raw(attribute::kErrorCode, Bytes(bytes).first(4 + reason.size()));
}

void MessageWriter::unknown_attributes(Bytes types) noexcept {
  raw(attribute::kUnknownAttributes, types);
}

void MessageWriter::integrity(std::string_view password) noexcept {
  if (writer_.failed()) return;
  const auto at = writer_.position();
  const auto sum = integrity_of(out_, at, password);
  raw(attribute::kMessageIntegrity, sum);
}

void MessageWriter::fingerprint() noexcept {
  if (writer_.failed()) return;
  std::array<std::uint8_t, 4> sum = {};
  store_u32(sum, 0, fingerprint_of(out_, writer_.position()));
  raw(attribute::kFingerprint, sum);
}

}  // namespace telltale::rtc::stun
