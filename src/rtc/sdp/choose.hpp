// Which of the offered codecs is taken.
#pragma once

#include "rtc/sdp/description.hpp"

namespace telltale::rtc::sdp {

// The first of `wanted` that `media` offers, in its best form: H.264 in packetization-mode 1, of
// constrained baseline before the profiles that include it. nullptr: none.
const Codec* choose_codec(const Media& media, const std::vector<std::string>& wanted);

// Is the codec of an answer the one we offered under its payload type?
bool same_codec(const Codec& ours, const Codec& theirs);

}  // namespace telltale::rtc::sdp
