// Picture: one decoded picture, shared by the encoders of all rungs; Scaler makes of it what one
// rung encodes. A scaler is one thread's.
#pragma once

#include <memory>

#include "media/ffmpeg.hpp"
#include "media/ladder.hpp"

namespace telltale::media {

struct Picture {
  SharedAvFrame frame;
  int quarter_turns = 0;  // to be turned so often to the right before it is shown
  bool mirrored = false;  // and then left for right
};

class Scaler {
 public:
  explicit Scaler(PictureSize to) : to_(to) {}
  // I420 of the size; the input itself when it is that already.
  base::Result<SharedAvFrame> scale(const Picture& picture);

 private:
  base::Result<SharedAvFrame> resize(const SharedAvFrame& in, PictureSize to);

  const PictureSize to_;
  std::unique_ptr<SwsContext, FreeAv> context_;
};

}  // namespace telltale::media
