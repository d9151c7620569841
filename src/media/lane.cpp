#include "media/lane.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace telltale::media {

Lane::Lane(const Rendition& rendition, Codec codec, LaneSettings settings, const base::Clock& clock,
           std::function<void()> on_change)
    : rendition_(rendition),
      settings_(settings),
      clock_(clock),
      fanout_(std::make_shared<Fanout>(rendition.name, codec, std::move(on_change))),
      frame_rate_(std::max(1.0, rendition.frame_rate)) {}

void Lane::ask_key_frame() {
  key_asked_ = true;
}

std::optional<base::SteadyTime> Lane::update(base::SteadyTime now) {
  if (fanout_->watchers() > 0) {
    unwatched_since_.reset();
    if (!encoding_) start();
    return std::nullopt;
  }
  if (!encoding_) return std::nullopt;
  if (!unwatched_since_) unwatched_since_ = now;
  const auto until = *unwatched_since_ + settings_.linger;
  if (now < until) return until;
  stop();
  return std::nullopt;
}

void Lane::start() {
  work_ = std::make_unique<Work>(size());
  work_->demand = KeyFrameDemand(settings_.key_frame_interval_min, settings_.key_frames_at_once);
  encoding_ = true;
  fanout_->count([](TrackStatistics& counted) {
    counted.encoding = true;
    ++counted.encoder_starts;
  });
  if (!settings_.threads) return;
  queue_.change([](Queue& queue) { queue = {}; });
  thread_ = std::thread([this] { run(); });
}

void Lane::stop() {
  if (!encoding_) return;
  if (thread_.joinable()) {
    queue_.change([](Queue& queue) {
      queue.stopping = true;
      queue.offers.clear();
    });
    thread_.join();
  }
  encoding_ = false;
  unwatched_since_.reset();
  work_.reset();
  fanout_->forget_group();
  fanout_->count([](TrackStatistics& counted) { counted.encoding = false; });
}

void Lane::cut() {
  key_asked_ = false;
  frame_rate_ = FrameRateLimit(std::max(1.0, rendition_.frame_rate));
  queue_.change([](Queue& queue) { queue.offers.clear(); });
  fanout_->forget_group();
}

void Lane::offer(Offer offer) {
  if (!encoding_) return;
  offer.key = offer.key || key_skipped_;
  key_skipped_ = false;
  if (!frame_rate_.take(offer.stream)) {
    key_skipped_ = offer.key;
    return;
  }
  if (!settings_.threads) return encode(offer);
  const bool taken = queue_.change([&](Queue& queue) {
    if (queue.offers.size() >= kQueueMax) {
      // A key frame that was to be is owed by the next one.
      queue.offers.back().key = queue.offers.back().key || offer.key;
      return false;
    }
    queue.offers.push_back(std::move(offer));
    return true;
  });
  if (!taken) drop();
}

void Lane::drop() {
  fanout_->count([](TrackStatistics& counted) { ++counted.dropped; });
}

void Lane::run() {
  for (;;) {
    const auto offer =
        queue_.wait([](const Queue& queue) { return queue.stopping || !queue.offers.empty(); },
                    [](Queue& queue) -> std::optional<Offer> {
                      if (queue.stopping) return std::nullopt;
                      std::optional<Offer> first(std::move(queue.offers.front()));
                      queue.offers.pop_front();
                      return first;
                    });
    if (!offer) return;
    encode(*offer);
  }
}

void Lane::encode(const Offer& offer) {
  auto& work = *work_;
  if (work.failed) return;
  work.key_owed = work.key_owed || offer.key;
  const auto began = clock_.now();
  if (began - offer.due > kTooLate) return drop();
  if (!work.encoder) {
    auto opened = VideoEncoder::open({.codec = fanout_->codec(),
                                      .size = size(),
                                      .frame_rate = rendition_.frame_rate,
                                      .bitrate_bps = rendition_.bitrate_bps});
    if (!opened) return fail(opened.error());
    work.encoder.emplace(std::move(*opened));
  }
  if (key_asked_.exchange(false)) work.demand.ask();
  const bool key = work.key_owed || fanout_->starving() || work.demand.take(offer.due);
  auto scaled = work.scaler.scale(offer.picture);
  if (!scaled) return fail(scaled.error());
  const std::int64_t at = offer.stream.count() / 1000 * kVideoRate / 1'000'000;
  auto encoded = work.encoder->encode(**scaled, at, key);
  if (!encoded) return fail(encoded.error());
  const auto took_us = static_cast<std::uint64_t>((clock_.now() - began).count() / 1000);
  fanout_->count([&](TrackStatistics& counted) {
    counted.encode_us.record(took_us);
    if (encoded->empty()) ++counted.dropped;
  });
  for (auto& picture : *encoded) {
    if (picture.key) {
      work.key_owed = false;
      work.demand.made(offer.due);
    }
    auto frame = std::make_shared<Frame>();
    frame->bytes = std::move(picture.bytes);
    frame->codec = fanout_->codec();
    frame->key = picture.key;
    frame->timestamp = offer.timestamp;
    frame->due = offer.due;
    frame->width = static_cast<std::uint16_t>(rendition_.width);
    frame->height = static_cast<std::uint16_t>(rendition_.height);
    fanout_->deliver(frame);
  }
}

void Lane::fail(const base::Error& error) {
  work_->failed = true;
  base::log(base::LogLevel::error, "media", "{} in {}: {}", rendition_.name,
            codec_name(fanout_->codec()), error.detail);
  fanout_->count([](TrackStatistics& counted) { ++counted.encode_errors; });
  fanout_->end(error.detail);
}

}  // namespace telltale::media
