// H.264 in RTP, packetization-mode 1 (RFC 6184): single NAL units (section 5.6), STAP-A (5.7.1) and
// FU-A (5.8). Frames come and go as Annex B byte streams (start codes of 3 or 4 bytes).
#pragma once

#include <cstdint>

#include "rtc/rtp/packetized.hpp"

namespace telltale::rtc::rtp {

// take(nal) for each NAL unit of an Annex B stream, without start code and trailing zeros.
template <class Take>
void for_each_nal(Bytes annex_b, Take&& take) {
  std::size_t begin = annex_b.size();  // of the NAL under way
  const auto finish = [&](std::size_t end) {
    if (begin >= end) return;
    while (end > begin && annex_b[end - 1] == 0) --end;
    if (end > begin) take(annex_b.subspan(begin, end - begin));
  };
  for (std::size_t i = 0; i + 3 <= annex_b.size(); ++i) {
    if (annex_b[i] != 0 || annex_b[i + 1] != 0 || annex_b[i + 2] != 1) continue;
    finish(i);
    begin = i + 3;
    i += 2;
  }
  finish(annex_b.size());
}

// Small NAL units next to each other (SPS, PPS, SEI) share a STAP-A; access unit delimiters are
// left out. `limit` bounds a payload (at least 16). False: there was no NAL unit in it.
bool packetize_h264(Bytes annex_b, std::size_t limit, Packetized& out);

struct H264Info {
  bool starts_picture = false;  // an SPS, or a non-IDR slice whose first macroblock is 0
  bool key = false;             // part of an IDR picture
};
// Of one payload; false when it is malformed or of a kind that mode 1 does not have.
bool inspect_h264(Bytes payload, H264Info& info) noexcept;

// Appends the NAL units of one payload to an Annex B stream; fragments continue the last one, so
// payloads must come in order, all of a frame. False: malformed.
bool depacketize_h264(Bytes payload, std::vector<std::uint8_t>& annex_b);

}  // namespace telltale::rtc::rtp
