#include "rtc/congestion/pacer.hpp"

#include <algorithm>
#include <new>

#include "base/check.hpp"

namespace telltale::rtc::congestion {
namespace {

constexpr double kSegmentBytes = 1'200;
constexpr double kSegmentsMin = 2;
constexpr std::size_t kFirstPackets = 16;  // a queue has room for, at first
constexpr std::size_t kAudioPackets = 64;
constexpr std::size_t kAgainPackets = 128;
constexpr std::int64_t kRateMin = 10'000;
constexpr double kDebtMax = 0.1;  // seconds of the pacing rate a probe may cost

}  // namespace

bool Pacer::Ring::grow() noexcept {
  const auto size = items_ ? (mask_ + 1) * 2 : std::min(kFirstPackets, most_);
  if (size > most_) return false;
  std::unique_ptr<Item[]> larger(new (std::nothrow) Item[size]);
  if (!larger) return false;
  for (auto at = head_; at != tail_; ++at) larger[at & (size - 1)] = items_[at & mask_];
  items_ = std::move(larger);
  mask_ = size - 1;
  return true;
}

bool Pacer::Ring::push(const Item& item) noexcept {
  if ((!items_ || tail_ - head_ > mask_) && !grow()) return false;
  items_[tail_++ & mask_] = item;
  bytes_ += item.bytes;
  return true;
}

Pacer::Item Pacer::Ring::pop() noexcept {
  const auto item = items_[head_++ & mask_];
  bytes_ -= item.bytes;
  return item;
}

void Pacer::Ring::clear() noexcept {
  head_ = tail_;
  bytes_ = 0;
}

Pacer::Pacer(const PacerSettings& settings, base::SteadyTime now)
    : settings_(settings),
      audio_(kAudioPackets),
      again_(std::min(settings.queue_packets, kAgainPackets)),
      video_(settings.queue_packets),
      refilled_(now) {
  CHECK(settings.queue_packets > 0 && (settings.queue_packets & (settings.queue_packets - 1)) == 0);
}

bool Pacer::push(std::uint32_t token, std::uint16_t bytes, PacketKind kind, base::SteadyTime now) {
  const Item item{.since = now, .token = token, .bytes = bytes};
  switch (kind) {
    case PacketKind::audio:
      return audio_.push(item);
    case PacketKind::retransmission:
      return again_.push(item);
    case PacketKind::video:
      return video_.push(item);
    case PacketKind::padding:
      break;  // only probes ask for it
  }
  return false;
}

void Pacer::set_rate(Pace pace, base::SteadyTime now) noexcept {
  refill(now);
  pacing_bps_ = static_cast<double>(std::max(pace.bps, kRateMin));
  smooth_ = pace.smooth;
}

void Pacer::probe(const ProbeRequest& request, base::SteadyTime now) noexcept {
  probe_ = Probe{.request = request, .started = now};
}

double Pacer::burst_bytes() const noexcept {
  if (smooth_) return 1;  // one packet, whatever it weighs, and then its time
  const double segments = pacing_bps_ / 8 * base::to_seconds(settings_.burst_lasts) / kSegmentBytes;
  return kSegmentBytes *
         std::clamp(segments, kSegmentsMin, static_cast<double>(settings_.burst_segments_max));
}

void Pacer::refill(base::SteadyTime now) noexcept {
  const double earned = pacing_bps_ / 8 * base::to_seconds(now - refilled_);
  budget_ = std::min(budget_ + std::max(earned, 0.0), burst_bytes());
  refilled_ = std::max(refilled_, now);
}

std::int64_t Pacer::queued_bytes() const noexcept {
  return audio_.bytes() + again_.bytes() + video_.bytes();
}

base::Duration Pacer::waited(base::SteadyTime now) const noexcept {
  return video_.empty() ? base::Duration(0) : now - video_.front().since;
}

void Pacer::put(Ring& ring, PacketKind kind, std::uint8_t cluster, base::SteadyTime now) noexcept {
  const auto item = ring.pop();
  out_[count_++] = {.token = item.token,
                    .bytes = item.bytes,
                    .kind = kind,
                    .probe_cluster = cluster,
                    .waited = now - item.since};
  if (kind != PacketKind::audio) budget_ -= item.bytes;
}

base::SteadyTime Pacer::probe_due() const noexcept {
  return probe_->started + time_for(probe_->bytes, static_cast<double>(probe_->request.rate_bps));
}

// Whatever waits takes part in the probe; padding only where nothing does.
void Pacer::put_probe(base::SteadyTime now) noexcept {
  while (probe_ && !full() && probe_due() <= now) {
    const auto cluster = probe_->request.cluster;
    if (again_.empty() && video_.empty()) {
      out_[count_++] = {
          .bytes = settings_.padding_bytes, .kind = PacketKind::padding, .probe_cluster = cluster};
      break;  // when the next one is due depends on what this one weighs
    }
    if (!again_.empty())
      put(again_, PacketKind::retransmission, cluster, now);
    else
      put(video_, PacketKind::video, cluster, now);
    count_probe(out_[count_ - 1].bytes);
  }
  budget_ = std::max(budget_, -pacing_bps_ / 8 * kDebtMax);
}

void Pacer::count_probe(std::size_t bytes) noexcept {
  probe_->bytes += static_cast<std::int64_t>(bytes);
  ++probe_->packets;
  if (probe_->packets >= probe_->request.packets_min && probe_->bytes >= probe_->request.bytes_min)
    probe_.reset();
}

void Pacer::padded(std::size_t bytes) noexcept {
  if (!probe_) return;
  if (bytes == 0)
    probe_.reset();
  else
    count_probe(bytes);
}

std::span<const PacedPacket> Pacer::poll(base::SteadyTime now) noexcept {
  count_ = 0;
  refill(now);
  while (!audio_.empty() && !full()) put(audio_, PacketKind::audio, 0, now);
  if (probe_) {
    put_probe(now);
    return std::span(out_).first(count_);
  }
  const auto queued = static_cast<double>(again_.bytes() + video_.bytes());
  if (queued > 0 && budget_ >= std::min(burst_bytes(), queued)) {
    while (!full() && budget_ > 0 && !again_.empty())
      put(again_, PacketKind::retransmission, 0, now);
    while (!full() && budget_ > 0 && !video_.empty()) put(video_, PacketKind::video, 0, now);
  }
  return std::span(out_).first(count_);
}

std::optional<base::SteadyTime> Pacer::next_deadline() const noexcept {
  if (!audio_.empty()) return refilled_;
  if (probe_) return probe_due();
  const auto queued = static_cast<double>(again_.bytes() + video_.bytes());
  if (queued <= 0) return {};
  const double missing = std::min(burst_bytes(), queued) - budget_;
  if (missing <= 0) return refilled_;
  // A nanosecond more than the division says, so that the budget is there.
  return refilled_ +
         base::Duration(1 + static_cast<base::Duration::rep>(missing * 8e9 / pacing_bps_));
}

}  // namespace telltale::rtc::congestion
