// GroupCache: the newest group of pictures of a rendition, from its key frame on, so that a new
// watcher sees something at once. Pure. A group beyond the limits is forgotten: a burst of it would
// help nobody.
#pragma once

#include <vector>

#include "media/frame.hpp"

namespace telltale::media {

class GroupCache {
 public:
  static constexpr std::size_t kFramesMax = 600;
  static constexpr std::size_t kBytesMax = 8U << 20U;

  void push(const FramePtr& frame);
  void clear();
  const std::vector<FramePtr>& frames() const { return frames_; }

 private:
  std::vector<FramePtr> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace telltale::media
