#include "rtc/dtls/record_filter.hpp"

namespace telltale::rtc::dtls {
namespace {

constexpr std::size_t kHeaderBytes = 13;  // type, version, epoch, sequence number, length
constexpr std::size_t kRecordBytesMax = (1U << 14U) + 2048;
constexpr unsigned kFirstType = 20;  // change_cipher_spec
constexpr unsigned kLastType = 23;   // application_data
constexpr unsigned kMajorVersion = 0xfe;

std::size_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) noexcept {
  return static_cast<std::size_t>(bytes[at] << 8U | bytes[at + 1]);
}

}  // namespace

bool is_plausible(std::span<const std::uint8_t> datagram) noexcept {
  if (datagram.empty()) return false;
  while (!datagram.empty()) {
    if (datagram.size() < kHeaderBytes) return false;
    if (datagram[0] < kFirstType || datagram[0] > kLastType || datagram[1] != kMajorVersion)
      return false;
    const auto epoch = number_at(datagram, 3);
    const auto length = number_at(datagram, 11);
    if (length == 0 || length > kRecordBytesMax || length > datagram.size() - kHeaderBytes)
      return false;
    if (epoch != 0 && length < kKeyedRecordBytesMin) return false;
    datagram = datagram.subspan(kHeaderBytes + length);
  }
  return true;
}

}  // namespace telltale::rtc::dtls
