// Feeds: one rendition of one source in one codec, packetised once in the thread that made the
// frame, then handed to every loop that has viewers of it. While anybody holds a feed its source is
// watched; when the last one lets go the encoder may stop. The frames since the last key frame are
// kept (up to 8 MiB) for those who join.
//
// FeedBook finds them: any thread. FeedTarget is called on its own loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "rtc/send/packed_frame.hpp"
#include "runtime/loop.hpp"

namespace telltale::rtc {

class FeedTarget {
 public:
  virtual ~FeedTarget() = default;
  virtual void on_frame(const PackedFramePtr& frame) = 0;
  virtual void on_end(const std::string& reason) = 0;
};

class Feed {
 public:
  static constexpr std::size_t kKeptBytesMax = 8U << 20U;

  Feed(std::shared_ptr<Source> source, std::string rendition, Codec codec);
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  ~Feed();

  base::Result<void> start();  // once, before anything else
  void subscribe(runtime::Loop& loop, const std::shared_ptr<FeedTarget>& target);
  void unsubscribe(const FeedTarget* target);
  // From the last key frame on. May overlap with what the target gets: look at the index.
  std::vector<PackedFramePtr> kept() const;
  void request_key_frame();
  bool ended() const;

  const std::string& rendition() const noexcept { return rendition_; }
  Codec codec() const noexcept { return codec_; }

 private:
  class Sink;
  std::shared_ptr<Source> source_;
  std::string rendition_;
  Codec codec_;
  std::shared_ptr<Sink> sink_;
  Source::Watch watch_;
};

class FeedBook {
 public:
  // The one there is, or a new one. Errors as of Source::watch_*. Audio: an empty rendition.
  base::Result<std::shared_ptr<Feed>> open(const std::shared_ptr<Source>& source,
                                           const std::string& rendition, Codec codec);
  std::size_t size() const;

 private:
  struct Key {
    const Source* source;
    std::string rendition;
    Codec codec;
    auto operator<=>(const Key&) const = default;
  };
  base::Guarded<std::map<Key, std::weak_ptr<Feed>>> feeds_;
};

}  // namespace telltale::rtc
