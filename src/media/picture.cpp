#include "media/picture.hpp"

#include <algorithm>

namespace telltale::media {

namespace {

AvFrame new_i420(PictureSize size) {
  auto frame = new_frame();
  if (!frame) return nullptr;
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = size.width;
  frame->height = size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) return nullptr;
  return frame;
}

std::unexpected<base::Error> no_memory() {
  return base::fail(base::Code::unavailable, "no memory for a picture");
}

struct Plane {
  const std::uint8_t* data;
  std::ptrdiff_t stride;
  int width;
  int height;
};

// The pixel of `from` that is at (x, y) of the turned plane.
void turn(const Plane& from, int quarter_turns, bool mirrored, std::uint8_t* to,
          std::ptrdiff_t to_stride) {
  const bool sideways = quarter_turns % 2 == 1;
  const int width = sideways ? from.height : from.width;
  const int height = sideways ? from.width : from.height;
  for (int y = 0; y < height; ++y) {
    std::uint8_t* row = to + y * to_stride;
    for (int x = 0; x < width; ++x) {
      int from_x = x;
      int from_y = y;
      if (quarter_turns == 2) {
        from_x = from.width - 1 - x;
        from_y = from.height - 1 - y;
      } else if (quarter_turns == 1) {
        from_x = y;
        from_y = from.height - 1 - x;
      } else if (quarter_turns == 3) {
        from_x = from.width - 1 - y;
        from_y = x;
      }
      row[mirrored ? width - 1 - x : x] = from.data[from_y * from.stride + from_x];
    }
  }
}

}  // namespace

base::Result<SharedAvFrame> Scaler::resize(const SharedAvFrame& in, PictureSize to) {
  if (in->format == AV_PIX_FMT_YUV420P && in->width == to.width && in->height == to.height)
    return in;
  const auto format = static_cast<AVPixelFormat>(in->format);
  context_.reset(sws_getCachedContext(context_.release(), in->width, in->height, format, to.width,
                                      to.height, AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR, nullptr,
                                      nullptr, nullptr));
  if (!context_)
    return base::fail(base::Code::unsupported, "pictures of this pixel format cannot be scaled");
  // Full range (JPEG's) becomes the range of video.
  const int* coefficients =
      sws_getCoefficients(in->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
  const int full = in->color_range == AVCOL_RANGE_JPEG ? 1 : 0;
  sws_setColorspaceDetails(context_.get(), coefficients, full, coefficients, 0, 0, 1 << 16,
                           1 << 16);
  auto out = new_i420(to);
  if (!out) return no_memory();
  const int rows =
      sws_scale(context_.get(), in->data, in->linesize, 0, in->height, out->data, out->linesize);
  if (rows < 0) return av_fail(base::Code::internal, "cannot scale a picture", rows);
  return SharedAvFrame(out.release(), FreeAv());
}

base::Result<SharedAvFrame> Scaler::scale(const Picture& picture) {
  const int turns = picture.quarter_turns;
  const bool sideways = turns % 2 == 1;
  auto resized = resize(picture.frame, sideways ? PictureSize{to_.height, to_.width} : to_);
  if (!resized || (turns == 0 && !picture.mirrored)) return resized;
  const auto& from = **resized;
  auto out = new_i420(to_);
  if (!out) return no_memory();
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    turn({.data = from.data[plane],
          .stride = from.linesize[plane],
          .width = from.width >> shift,
          .height = from.height >> shift},
         turns, picture.mirrored, out->data[plane], out->linesize[plane]);
  }
  return SharedAvFrame(out.release(), FreeAv());
}

}  // namespace telltale::media
