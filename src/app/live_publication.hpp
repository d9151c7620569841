// LivePublication: what a publisher sends, on its way into media. When the publisher is lost, those
// who watch wait for it, or for another of the same name, for a while; each step is noted. Owned by
// the publisher's peer, on its loop; the wait is a task of `waits`.
#pragma once

#include "media/live.hpp"
#include "rtc/source.hpp"
#include "runtime/task_group.hpp"

namespace telltale::app {

class LivePublication final : public rtc::Publication {
 public:
  // `waits` outlives it.
  LivePublication(std::unique_ptr<media::Publication> publication,
                  std::shared_ptr<rtc::SourceNotes> notes, base::Duration wait,
                  runtime::TaskGroup& waits);
  bool on_frame(rtc::MediaFramePtr frame) override;
  void end() override { publication_->end(""); }
  void lost(const std::string& reason) override;

 private:
  static runtime::Task<> give_up_later(media::Publication::GiveUp give_up,
                                       std::shared_ptr<rtc::SourceNotes> notes,
                                       base::Duration wait);

  const std::unique_ptr<media::Publication> publication_;
  const std::shared_ptr<rtc::SourceNotes> notes_;
  const base::Duration wait_;
  runtime::TaskGroup& waits_;
  bool returns_;  // not so far told that it is back
};

}  // namespace telltale::app
