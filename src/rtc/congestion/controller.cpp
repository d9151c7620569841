#include "rtc/congestion/controller.hpp"

#include <algorithm>
#include <utility>

namespace telltale::rtc::congestion {
namespace {

using namespace std::chrono_literals;

constexpr double kDoubtful = 0.9;   // of the estimate: a probe that saw less
constexpr auto kDoubtQueue = 50ms;  // is believed when this much is queued
constexpr auto kTick = 100ms;
constexpr auto kSilence = 1s;       // feedback that does not come: every second half the rate
constexpr auto kFullQueue = 100ms;  // then pacing adds nothing to it
constexpr auto kBehind = 200ms;     // longer than a key frame takes
// A queue so much longer than the last messages showed: the link became slower …
constexpr auto kSuddenQueue = 80ms;
// … or already so much, when packets of two messages in turn arrived at a rate that is well below
// the one before; a key frame's queue is as long, but what arrives of it does so at the rate that
// is known.
constexpr auto kGrowingQueue = 40ms;
constexpr double kSlower = 0.8;
constexpr std::int64_t kSpanMinUs = 15'000;  // of a message's arrivals, to tell a rate
// Overuse that is told when the queue is already gone was a key frame's.
constexpr auto kNoQueue = 15ms;
// Where bursts are lost there are none for a while.
constexpr auto kSmooth = 60s;
constexpr double kSmoothRoom = 1.2;  // over what arrives

}  // namespace

Controller::Controller(const ControllerSettings& settings, base::SteadyTime now)
    : settings_(settings),
      history_(settings.history_packets),
      rate_(settings.rates),
      fallback_(settings.rates),
      probes_(settings.rates),
      target_bps_(static_cast<double>(settings.rates.start_bps)),
      deadline_(now + kTick) {}

void Controller::on_sent(const SentPacket& packet, base::SteadyTime now) noexcept {
  history_.add(packet, now);
  // Padding is not what the application had to send.
  if (packet.kind != PacketKind::padding) alr_.on_sent(packet.bytes, target_bps_, now);
  sent_at_ = now;
}

// What one message says.
struct Controller::Seen {
  int received = 0;
  Fates fates = {};
  std::optional<Probed> probed = {};
  std::array<std::int64_t, 2> one_way_us = {};  // of the last two: the queue as it is by now
  std::int64_t first_arrived_us = 0;
  std::int64_t last_arrived_us = 0;
  std::int64_t bytes = 0;  // after the first

  void add(const PacketResult& result) noexcept {
    one_way_us[static_cast<std::size_t>(received % 2)] =
        result.arrived_us - result.sent.time_since_epoch() / 1us;
    if (received == 0) {
      one_way_us[1] = one_way_us[0];
      first_arrived_us = last_arrived_us = result.arrived_us;
    } else {
      bytes += result.bytes;
      last_arrived_us = std::max(last_arrived_us, result.arrived_us);
    }
    ++received;
  }
  // How fast they arrived: behind a queue, what the link carries.
  std::optional<double> bps() const noexcept {
    const auto span = last_arrived_us - first_arrived_us;
    if (span < kSpanMinUs) return {};
    return to_bps(static_cast<double>(bytes), std::chrono::microseconds(span));
  }
};

Controller::Seen Controller::take(std::span<const PacketResult> results,
                                  base::SteadyTime now) noexcept {
  Seen seen;
  base::SteadyTime last_sent{};
  for (const auto& result : results) {
    bursts_.add(result.sent, result.received);
    const bool late = result.sent >= loss_.since();
    if (!result.received) {
      seen.fates.lost += late ? 1 : 0;
      seen.fates.gaps += late && !gap_ ? 1 : 0;
      gap_ = true;
      continue;
    }
    gap_ = false;
    if (late && result.was_thought_lost) --seen.fates.lost;
    seen.fates.received += late ? 1 : 0;
    seen.add(result);
    last_sent = std::max(last_sent, result.sent);
    acknowledged_.add(result.arrived_us, result.bytes);
    if (const auto probed = probe_estimator_.add(result)) seen.probed = probed;
    const auto sent_us = result.sent.time_since_epoch() / 1us;
    if (const auto delta = groups_.add(sent_us, result.arrived_us))
      detector_.add(trendline_.add(*delta), delta->sent_ms, delta->arrival_at_ms);
  }
  if (seen.received > 0) {
    rtt_ = std::max<base::Duration>(now - last_sent, 1ms);
    queue_.add(*std::ranges::min_element(seen.one_way_us), now);
  }
  return seen;
}

// Another's key frame takes the path for the time of one message; a link that became slower stays
// so, and carries less than what we had there, whatever we were allowed.
bool Controller::became_slower(const Seen& seen) noexcept {
  const auto rise = queue_.rise();
  const auto arrives = seen.bps();
  const double had = std::min(target_bps_, acknowledged_.bps().value_or(target_bps_));
  const bool less = arrives && *arrives < kSlower * had;
  const bool again = std::exchange(less_, less);
  return rise > kSuddenQueue || (rise > kGrowingQueue && less && again);
}

void Controller::on_feedback(const Feedback& feedback, base::SteadyTime now) noexcept {
  feedback_at_ = now;
  const auto seen = take(history_.match(feedback), now);
  alr_.advance(target_bps_, now);
  const double before = target_bps_;
  const bool slower = became_slower(seen);
  auto usage = slower ? Usage::overuse : detector_.usage();
  if (!slower && usage == Usage::overuse && queue_.delay() < kNoQueue) usage = Usage::normal;
  const auto arrives = acknowledged_.bps();
  auto recent = acknowledged_.recent_bps();
  if (slower && recent) recent = std::min(*recent, seen.bps().value_or(*recent));
  if (seen.probed && usage != Usage::overuse) {
    take_probe(*seen.probed, arrives.value_or(0), now);
  } else {
    rate_.update({.usage = usage,
                  .acknowledged_bps = arrives,
                  .recent_bps = recent,
                  .queue_full = slower || queue_.delay() > kFullQueue,
                  .rtt = rtt_,
                  .application_limited = alr_.limited()},
                 now);
  }
  if (seen.probed) probes_.on_result(*seen.probed, now);
  if (seen.probed) loss_.on_probe(seen.probed->bps, now);
  loss_limit_bps_ = loss_.update(seen.fates, target_bps_, arrives.value_or(target_bps_), now);
  if (bursts_.poll()) smooth_until_ = now + kSmooth;
  update_target(now);
  if (usage == Usage::overuse) probes_.on_drop(before, target_bps_, now);
}

// One that arrived as fast as it was sent says what the link carries at least. One that did not may
// have been held up by other traffic (what arrives anyway is not less), by jitter, or by a receiver
// that slept: where nothing else speaks of a queue, only two in turn lower the estimate.
void Controller::take_probe(const Probed& probed, double arrives_bps,
                            base::SteadyTime now) noexcept {
  const double seen = std::max({probed.bps, std::min(rate_.bps(), arrives_bps), doubted_bps_});
  if (!probed.saturated || seen >= kDoubtful * rate_.bps()) {
    doubted_bps_ = 0;
    rate_.set(probed.saturated ? seen : std::max(seen, rate_.bps()), now);
  } else if (doubted_bps_ == 0 && queue_.delay() < kDoubtQueue) {
    doubted_bps_ = seen;
    probes_.again_soon(now);
  } else {
    doubted_bps_ = 0;
    rate_.set(seen, now);
  }
}

void Controller::update_target(base::SteadyTime now) noexcept {
  double bps = feedback_at_ ? rate_.bps() : fallback_.bps();
  if (feedback_at_) {
    bps = std::min(bps, loss_limit_bps_.value_or(bps));
    bps = std::min(bps, fallback_.remb_bps().value_or(bps));
  }
  target_bps_ = std::clamp(bps, static_cast<double>(settings_.rates.min_bps),
                           static_cast<double>(settings_.rates.max_bps));
  alr_.advance(target_bps_, now);
}

void Controller::on_remb(std::int64_t bps, base::SteadyTime now) noexcept {
  fallback_.on_remb(static_cast<double>(bps), now);
  update_target(now);
}

void Controller::on_receiver_report(double fraction_lost, base::Duration rtt,
                                    base::SteadyTime now) noexcept {
  if (feedback_at_) return;
  reported_loss_ = fraction_lost;
  if (rtt > 0ms) rtt_ = rtt;
  fallback_.on_report(fraction_lost, now);
  update_target(now);
}

void Controller::on_timer(base::SteadyTime now) noexcept {
  if (now < deadline_) return;
  deadline_ = now + kTick;
  alr_.advance(target_bps_, now);
  const bool sending = sent_at_ > now - kSilence;
  if (feedback_at_ && sending && now - *feedback_at_ >= kSilence + rtt_) {
    rate_.set(target_bps_ / 2, now);
    feedback_at_ = now;
    update_target(now);
  }
}

std::optional<ProbeRequest> Controller::poll_probe(bool busy, base::SteadyTime now) noexcept {
  // Without transport-wide feedback nobody would tell what became of it; the first two go out to
  // find that out.
  const auto request = probes_.poll({.estimate_bps = target_bps_,
                                     .limited_since = feedback_at_ ? alr_.since() : std::nullopt,
                                     .ladder = feedback_at_ && ladder_,
                                     .usage = detector_.usage(),
                                     .loss = loss_.loss() - loss_.inherent_loss(),
                                     .proof_bps = feedback_at_ ? loss_.wants_proof_bps() : 0,
                                     .busy = busy},
                                    now);
  if (request) probe_estimator_.start(*request);
  if (const auto next = probes_.next_deadline()) deadline_ = std::min(deadline_, *next);
  return request;
}

Estimate Controller::estimate() const noexcept {
  return {.target_bps = static_cast<std::int64_t>(target_bps_),
          .acknowledged_bps = static_cast<std::int64_t>(acknowledged_.bps().value_or(0)),
          .delay_bps = static_cast<std::int64_t>(rate_.bps()),
          .loss = feedback_at_ ? loss_.loss() : reported_loss_,
          .inherent_loss = loss_.inherent_loss(),
          .rtt = rtt_,
          .queue_delay = queue_.delay(),
          .usage = detector_.usage(),
          .application_limited = alr_.limited(),
          .remb_bound = !feedback_at_ && fallback_.remb_bound()};
}

Pace Controller::pacing_bps(base::Duration waited) const noexcept {
  const bool smooth = smooth_until_ > sent_at_;
  const bool full = detector_.usage() == Usage::overuse || queue_.delay() > kFullQueue;
  const bool behind = !feedback_at_ || waited > kBehind;
  double factor = behind || pinned_ ? settings_.catch_up_factor : settings_.pacing_factor;
  double bps = target_bps_ * (full ? 1 : factor);
  // A key frame at more than the path has would overflow such a queue.
  if (smooth && !behind)
    bps = std::min(target_bps_, kSmoothRoom * acknowledged_.bps().value_or(target_bps_));
  return {.bps = static_cast<std::int64_t>(bps), .smooth = smooth};
}

}  // namespace telltale::rtc::congestion
