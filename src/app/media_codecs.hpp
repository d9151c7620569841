// rtc and media name the same codecs, each for itself: from one to the other.
#pragma once

#include "media/frame.hpp"
#include "rtc/source.hpp"

namespace telltale::app {

constexpr rtc::Codec to_rtc(media::Codec codec) {
  switch (codec) {
    case media::Codec::h264:
      return rtc::Codec::h264;
    case media::Codec::vp8:
      return rtc::Codec::vp8;
    case media::Codec::opus:
      break;
  }
  return rtc::Codec::opus;
}

constexpr media::Codec to_media(rtc::Codec codec) {
  switch (codec) {
    case rtc::Codec::h264:
      return media::Codec::h264;
    case rtc::Codec::vp8:
      return media::Codec::vp8;
    case rtc::Codec::opus:
      break;
  }
  return media::Codec::opus;
}

}  // namespace telltale::app
