// The header extensions we know: their URIs for SDP and their values to and from bytes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rtc/bytes.hpp"

namespace telltale::rtc::rtp {

inline constexpr std::string_view kAbsSendTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr std::string_view kTransportSequenceUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";  // RFC 9143
inline constexpr std::string_view kRidUri =
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";  // RFC 8852
inline constexpr std::string_view kRepairedRidUri =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
inline constexpr std::string_view kAudioLevelUri =
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level";  // RFC 6464
inline constexpr std::string_view kPlayoutDelayUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
inline constexpr std::string_view kAbsCaptureTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

// Seconds in 6.18 fixed point, wraps every 64 s.
constexpr std::array<std::uint8_t, 3> abs_send_time(std::chrono::nanoseconds since_epoch) noexcept {
  constexpr std::uint64_t kWrap = 64'000'000'000;
  const auto within = static_cast<std::uint64_t>(since_epoch.count()) % kWrap;
  std::array<std::uint8_t, 3> bytes = {};
  store_be<3>(bytes, 0, (within << 18U) / 1'000'000'000U & 0xff'ffffU);
  return bytes;
}
constexpr std::optional<std::chrono::nanoseconds> read_abs_send_time(Bytes data) noexcept {
  if (data.size() != 3) return std::nullopt;
  return std::chrono::nanoseconds(load_be<3>(data, 0) * 1'000'000'000U >> 18U);
}

constexpr std::array<std::uint8_t, 2> transport_sequence(std::uint16_t number) noexcept {
  std::array<std::uint8_t, 2> bytes = {};
  store_u16(bytes, 0, number);
  return bytes;
}
constexpr std::optional<std::uint16_t> read_transport_sequence(Bytes data) noexcept {
  if (data.size() < 2) return std::nullopt;
  return load_u16(data, 0);
}

// 12 bits each, in steps of 10 ms; what is over 40.95 s is cut.
struct PlayoutDelay {
  std::chrono::milliseconds min{0};
  std::chrono::milliseconds max{0};
  bool operator==(const PlayoutDelay&) const = default;
};
constexpr std::array<std::uint8_t, 3> playout_delay(const PlayoutDelay& delay) noexcept {
  const auto steps = [](std::chrono::milliseconds value) {
    const auto count = value.count() / 10;
    return static_cast<std::uint64_t>(count < 0 ? 0 : count > 0xfff ? 0xfff : count);
  };
  std::array<std::uint8_t, 3> bytes = {};
  store_be<3>(bytes, 0, steps(delay.min) << 12U | steps(delay.max));
  return bytes;
}
constexpr std::optional<PlayoutDelay> read_playout_delay(Bytes data) noexcept {
  if (data.size() != 3) return std::nullopt;
  const auto both = load_be<3>(data, 0);
  return PlayoutDelay{.min = std::chrono::milliseconds(both >> 12U) * 10,
                      .max = std::chrono::milliseconds(both & 0xfffU) * 10};
}

struct AudioLevel {
  bool voice = false;
  std::uint8_t level_dbov = 127;  // 0 (loudest) to 127 (silence), negated
};
constexpr std::optional<AudioLevel> read_audio_level(Bytes data) noexcept {
  if (data.empty()) return std::nullopt;
  return AudioLevel{.voice = (data[0] & 0x80U) != 0,
                    .level_dbov = static_cast<std::uint8_t>(data[0] & 0x7fU)};
}
constexpr std::array<std::uint8_t, 1> audio_level(const AudioLevel& level) noexcept {
  return {static_cast<std::uint8_t>((level.voice ? 0x80U : 0U) | (level.level_dbov & 0x7fU))};
}

}  // namespace telltale::rtc::rtp
