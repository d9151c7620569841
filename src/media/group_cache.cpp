#include "media/group_cache.hpp"

namespace telltale::media {

void GroupCache::push(const FramePtr& frame) {
  if (frame->key) clear();
  if (!frame->key && frames_.empty()) return;
  frames_.push_back(frame);
  bytes_ += frame->bytes.size();
  if (frames_.size() > kFramesMax || bytes_ > kBytesMax) clear();
}

void GroupCache::clear() {
  frames_.clear();
  bytes_ = 0;
}

}  // namespace telltale::media
