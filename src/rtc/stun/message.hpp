// STUN messages (RFC 8489) as ICE uses them (RFC 8445 section 16): a view that parses strictly
// without copying, and a writer. Limits: 1,280 bytes and 32 attributes a message. No allocation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rtc/bytes.hpp"
#include "rtc/stun/address.hpp"

namespace telltale::rtc::stun {

inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::size_t kMaxMessage = 1280;
inline constexpr std::size_t kMaxAttributes = 32;
inline constexpr std::uint32_t kMagicCookie = 0x2112a442;

enum class Class : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };
inline constexpr std::uint16_t kBinding = 1;

namespace attribute {
inline constexpr std::uint16_t kMappedAddress = 0x0001;
inline constexpr std::uint16_t kUsername = 0x0006;
inline constexpr std::uint16_t kMessageIntegrity = 0x0008;
inline constexpr std::uint16_t kErrorCode = 0x0009;
inline constexpr std::uint16_t kUnknownAttributes = 0x000a;
inline constexpr std::uint16_t kRealm = 0x0014;
inline constexpr std::uint16_t kNonce = 0x0015;
inline constexpr std::uint16_t kXorMappedAddress = 0x0020;
inline constexpr std::uint16_t kPriority = 0x0024;
inline constexpr std::uint16_t kUseCandidate = 0x0025;
inline constexpr std::uint16_t kSoftware = 0x8022;
inline constexpr std::uint16_t kFingerprint = 0x8028;
inline constexpr std::uint16_t kIceControlled = 0x8029;
inline constexpr std::uint16_t kIceControlling = 0x802a;
}  // namespace attribute

using TransactionId = std::array<std::uint8_t, 12>;

struct ErrorCode {
  int code = 0;  // 300-699
  std::string_view reason;
};

// A parsed message; points into the datagram. The first of equal attributes counts; what comes
// behind MESSAGE-INTEGRITY is ignored but FINGERPRINT (section 14.5). FINGERPRINT must be right
// where it is there, and must be last.
class Message {
 public:
  static std::optional<Message> parse(Bytes datagram) noexcept;

  Class message_class() const noexcept { return class_; }
  std::uint16_t method() const noexcept { return method_; }
  bool is(Class of) const noexcept { return class_ == of && method_ == kBinding; }
  const TransactionId& transaction() const noexcept { return transaction_; }
  std::size_t size() const noexcept { return datagram_.size(); }

  std::optional<std::string_view> username() const noexcept;
  std::optional<std::uint32_t> priority() const noexcept;
  std::optional<std::uint64_t> controlling() const noexcept;  // the tie-breaker
  std::optional<std::uint64_t> controlled() const noexcept;
  std::optional<Address> mapped_address() const noexcept;  // XOR-MAPPED-ADDRESS
  std::optional<ErrorCode> error() const noexcept;
  bool use_candidate() const noexcept { return find(attribute::kUseCandidate).has_value(); }
  bool has_fingerprint() const noexcept { return has_fingerprint_; }
  bool has_integrity() const noexcept { return integrity_at_ != 0; }
  // Short-term credentials (section 9.1): the key is the password. False without the attribute.
  bool authentic(std::string_view password) const noexcept;
  // Comprehension-required attributes we do not know (section 6.3.1): answer 420.
  std::size_t unknown_count() const noexcept { return unknown_count_; }
  Bytes unknown() const noexcept { return Bytes(unknown_).first(unknown_count_ * 2); }

  std::optional<Bytes> find(std::uint16_t type) const noexcept;

 private:
  struct Entry {
    std::uint16_t type = 0;
    std::uint16_t at = 0;
    std::uint16_t size = 0;
  };
  bool take(std::uint16_t type, std::size_t at, std::size_t size) noexcept;

  Bytes datagram_;
  Class class_ = Class::request;
  std::uint16_t method_ = 0;
  bool has_fingerprint_ = false;
  std::uint16_t integrity_at_ = 0;  // of the attribute's header
  std::size_t count_ = 0;
  std::size_t unknown_count_ = 0;
  TransactionId transaction_ = {};
  std::array<Entry, kMaxAttributes> entries_ = {};
  std::array<std::uint8_t, kMaxAttributes * 2> unknown_ = {};
};

// Writes one message; integrity() and fingerprint() last, in this order. The size is 0 when it did
// not fit.
class MessageWriter {
 public:
  MessageWriter(MutableBytes out, Class message_class, const TransactionId& transaction,
                std::uint16_t method = kBinding) noexcept;

  void username(std::string_view name) noexcept;
  void priority(std::uint32_t value) noexcept;
  void use_candidate() noexcept;
  void controlling(std::uint64_t tie_breaker) noexcept;
  void controlled(std::uint64_t tie_breaker) noexcept;
  void mapped_address(const Address& address) noexcept;
  void error(int code, std::string_view reason) noexcept;
  void unknown_attributes(Bytes types) noexcept;  // 2 bytes each
  void raw(std::uint16_t type, Bytes value) noexcept;
  void integrity(std::string_view password) noexcept;
  void fingerprint() noexcept;
  std::size_t size() const noexcept { return writer_.failed() ? 0 : writer_.position(); }

 private:
  void set_length(std::size_t behind_header) noexcept;

  MutableBytes out_;
  Writer writer_;
};

}  // namespace telltale::rtc::stun
