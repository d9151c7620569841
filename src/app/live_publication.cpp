#include "app/live_publication.hpp"

#include <fmt/format.h>

#include "app/media_codecs.hpp"
#include "runtime/sync.hpp"

namespace telltale::app {

LivePublication::LivePublication(std::unique_ptr<media::Publication> publication,
                                 std::shared_ptr<rtc::SourceNotes> notes, base::Duration wait,
                                 runtime::TaskGroup& waits)
    : publication_(std::move(publication)),
      notes_(std::move(notes)),
      wait_(wait),
      waits_(waits),
      returns_(publication_->away().has_value()) {}

bool LivePublication::on_frame(rtc::MediaFramePtr frame) {
  if (std::exchange(returns_, false))
    notes_->add(waits_.loop().clock().wall(), rtc::SourceStep::back,
                fmt::format("the publisher is back after {:.1f} s",
                            base::to_seconds(*publication_->away())));
  auto made = std::make_shared<media::Frame>();
  made->bytes = frame->bytes;
  made->codec = to_media(frame->codec);
  made->key = frame->key;
  made->timestamp = frame->timestamp;
  made->due = frame->due;
  made->width = frame->width;
  made->height = frame->height;
  return publication_->on_frame(made);
}

void LivePublication::lost(const std::string& reason) {
  auto give_up = publication_->leave();
  if (!give_up) return;  // another has its place
  notes_->add(waits_.loop().clock().wall(), rtc::SourceStep::lost,
              "the publisher was lost: " + reason);
  waits_.loop().post([&waits = waits_, give_up = std::move(give_up), notes = notes_,
                      wait = wait_]() mutable {
    waits.spawn("webrtc.source_wait", give_up_later(std::move(give_up), std::move(notes), wait));
  });
}

runtime::Task<> LivePublication::give_up_later(media::Publication::GiveUp give_up,
                                               std::shared_ptr<rtc::SourceNotes> notes,
                                               base::Duration wait) {
  co_await runtime::sleep_for(wait);
  const auto why =
      fmt::format("the publisher did not come back within {:.0f} s", base::to_seconds(wait));
  const auto& clock = runtime::Loop::current()->clock();
  give_up(why, [&] { notes->add(clock.wall(), rtc::SourceStep::gone, why); });
}

}  // namespace telltale::app
