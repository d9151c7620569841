#include "rtc/sdp/choose.hpp"

#include "rtc/sdp/h264_profile.hpp"

namespace telltale::rtc::sdp {
namespace {

constexpr int kUnusable = 100;

// 0 is best.
int rank(const Codec& codec) {
  if (codec.is("opus")) return codec.clock == 48'000 && codec.channels == 2 ? 0 : kUnusable;
  if (codec.is("VP8")) return codec.clock == 90'000 ? 0 : kUnusable;
  if (!codec.is("H264")) return 0;
  if (codec.clock != 90'000 || codec.parameter("packetization-mode") != "1") return kUnusable;
  const auto level = parse_profile_level_id(codec.parameter("profile-level-id").value_or("420010"));
  if (!level || !decodes_constrained_baseline(level->profile)) return kUnusable;
  return static_cast<int>(level->profile);
}

}  // namespace

const Codec* choose_codec(const Media& media, const std::vector<std::string>& wanted) {
  for (const auto& name : wanted) {
    const Codec* best = nullptr;
    for (const auto& codec : media.codecs)
      if (codec.is(name) && rank(codec) < (best != nullptr ? rank(*best) : kUnusable))
        best = &codec;
    if (best != nullptr) return best;
  }
  return nullptr;
}

bool same_codec(const Codec& ours, const Codec& theirs) {
  if (!ours.is(theirs.name) || ours.clock != theirs.clock || ours.channels != theirs.channels)
    return false;
  if (!ours.is("H264")) return true;
  // RFC 6184 section 8.2.2: mode and profile are symmetric, the level need not be.
  const auto profile = [](const Codec& codec) {
    const auto level =
        parse_profile_level_id(codec.parameter("profile-level-id").value_or("420010"));
    return level ? level->profile : H264Profile::other;
  };
  return ours.parameter("packetization-mode") == theirs.parameter("packetization-mode") &&
         profile(ours) == profile(theirs);
}

}  // namespace telltale::rtc::sdp
