// The digits of the test pattern, read back from decoded pictures: which frame it is and when it
// was due. For tests, and for measuring how late a viewer sees what is sent. One thread.
#pragma once

#include <optional>

#include "media/ffmpeg.hpp"
#include "media/frame.hpp"

namespace telltale::media {

int luma(const AVFrame& frame, double x, double y);
// Nothing: the digits cannot be read.
std::optional<std::int64_t> read_number(const AVFrame& frame);
std::optional<base::Duration> read_day_time(const AVFrame& frame);  // since midnight UTC

}  // namespace telltale::media
