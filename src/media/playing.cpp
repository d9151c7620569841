#include "media/playing.hpp"

#include "base/check.hpp"
#include "base/log.hpp"

namespace telltale::media {

PlayerThread::PlayerThread(MakeInput make_input, std::function<void()> cancel_read,
                           PlayerSettings settings, const base::Clock& clock)
    : make_input_(std::move(make_input)),
      settings_(std::move(settings)),
      cancel_read_(std::move(cancel_read)),
      clock_(clock) {}

void PlayerThread::start(Ready ready) {
  const bool started = thread_.with([&](std::thread& thread) {
    if (cancelled_->load()) return false;
    thread = std::thread([this, told = std::move(ready)]() mutable { run(std::move(told)); });
    return true;
  });
  if (!started) ready(base::fail(base::Code::cancelled, "it was stopped"));
}

Player& PlayerThread::player() const {
  CHECK(ready_.load());
  return *player_;
}

base::Result<void> PlayerThread::pause(bool paused) {
  player().pause(paused);
  return {};
}

base::Result<void> PlayerThread::loop(bool on) {
  player().loop(on);
  return {};
}

void PlayerThread::stop() {
  cancelled_->store(true);
  auto thread = thread_.with([](std::thread& one) { return std::exchange(one, {}); });
  if (!thread.joinable()) return;
  signal_->change([](Signal& signal) { signal.stopping = true; });
  if (cancel_read_) cancel_read_();
  thread.join();
}

void PlayerThread::run(Ready ready) {
  auto input = make_input_(cancelled_);
  if (!input) {
    auto error = std::move(input.error());
    if (cancelled_->load()) error = {.code = base::Code::cancelled, .detail = "it was stopped"};
    return ready(std::unexpected(std::move(error)));
  }
  player_ = std::make_unique<Player>(
      std::move(*input), std::move(settings_), clock_,
      [shared = signal_] { shared->change([](Signal& signal) { signal.woken = true; }); });
  ready_ = true;
  ready({});
  ready = nullptr;  // and what it held
  for (;;) {
    const auto next = player_->step();
    const auto wait = next ? *next - clock_.now() : base::Duration(std::chrono::hours(1));
    const bool stopping = signal_->wait_for(
        std::max(wait, base::Duration::zero()),
        [](const Signal& signal) { return signal.woken || signal.stopping; },
        [](Signal& signal) {
          signal.woken = false;
          return signal.stopping;
        });
    if (stopping) break;
  }
  player_->finish("it was stopped");
}

}  // namespace telltale::media
