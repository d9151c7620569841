#include "lab/faults/fault_transport.hpp"

#include <csignal>
#include <set>

#include "lab/faults/full_disk.hpp"
#include "runtime/loop.hpp"

namespace telltale::lab {
namespace {

using base::SteadyTime;

constexpr std::size_t kMethodsKept = 4096;  // of requests whose answer has not come

class FaultTransport final : public mcp::Transport, private mcp::TransportListener {
 public:
  using Open = std::function<std::unique_ptr<mcp::Transport>(mcp::TransportListener&)>;
  FaultTransport(runtime::Loop& loop, std::shared_ptr<FaultInjector> injector, const Open& open,
                 mcp::TransportListener& ear)
      : loop_(loop), injector_(std::move(injector)), ear_(ear), inner_(open(*this)) {}
  FaultTransport(const FaultTransport&) = delete;
  FaultTransport& operator=(const FaultTransport&) = delete;
  ~FaultTransport() override {
    injector_->forget(this);
    disarm();
  }

  runtime::TaskResult<bool> open() override {
    auto opened = co_await inner_->open();
    if (opened) injector_->when_started(this, [this] { arm_deeds(); });
    co_return opened;
  }
  base::Result<void> send(std::string text, mcp::SendHints hints) override {
    if (closed_) return base::fail(base::Code::unavailable, "the connection is closed");
    if (hints.id) {
      if (methods_.size() >= kMethodsKept) methods_.erase(methods_.begin());
      methods_.insert_or_assign(*hints.id, hints.method);
    }
    auto passed = injector_->pass(Way::request, hints.method, std::move(text), now());
    base::Result<void> out;
    for (auto& one : passed) {
      if (one.at <= now()) {
        out = inner_->send(std::move(one.text), hints);
        continue;
      }
      later(one.at, [this, text = std::move(one.text), hints] {
        auto sent = inner_->send(text, hints);
        if (!sent && hints.id && ear_.waits_for(*hints.id)) ear_.on_failed(*hints.id, sent.error());
      });
    }
    return out;
  }
  void abandon(std::int64_t id) override { inner_->abandon(id); }
  void set_version(mcp::Era era, std::string version) override {
    inner_->set_version(era, std::move(version));
  }
  void session_ready() override { inner_->session_ready(); }
  runtime::Task<> close(base::Duration grace) override {
    closed_ = true;
    disarm();
    if (paused_) inner_->signal_process(SIGCONT);
    if (full_) free_disk_of(inner_->pid());
    co_await inner_->close(grace);
  }
  mcp::TransportKind kind() const override { return inner_->kind(); }
  int pid() const override { return inner_->pid(); }
  std::optional<net::ProcessUsage> sample() override { return inner_->sample(); }
  void kill_process() override { inner_->kill_process(); }
  bool signal_process(int signal) override { return inner_->signal_process(signal); }

 private:
  SteadyTime now() const { return loop_.clock().now(); }

  void on_text(std::string_view text, std::string_view rule) override {
    auto passed = injector_->pass(Way::answer, method_of(text), std::string(text), now());
    for (auto& one : passed) {
      if (one.at <= now()) {
        ear_.on_text(one.text, rule);
        continue;
      }
      later(one.at, [this, text = std::move(one.text), rule = std::string(rule)] {
        ear_.on_text(text, rule);
      });
    }
  }
  void on_tap(char direction, std::string_view text) override { ear_.on_tap(direction, text); }
  void on_failed(std::int64_t id, base::Error error) override {
    methods_.erase(id);
    ear_.on_failed(id, std::move(error));
  }
  void on_session_lost() override { ear_.on_session_lost(); }
  void on_finding(mcp::Finding finding) override { ear_.on_finding(std::move(finding)); }
  void on_stderr(std::string_view line) override { ear_.on_stderr(line); }
  void on_closed(const base::Error& why) override {
    disarm();
    if (!std::exchange(closed_, true)) ear_.on_closed(why);
  }
  // An answer that is still on its way (or was dropped on purpose) is one: over HTTP the body that
  // carried it must not be taken for "no result".
  bool waits_for(std::int64_t id) const override {
    return methods_.contains(id) && ear_.waits_for(id);
  }

  // The method that an answer answers: only a look at the id, no whole parse of what may be large.
  std::string method_of(std::string_view text) {
    const auto message = base::parse_json(text);
    if (!message || !message->is_object()) return {};
    const auto& object = message->as_object();
    if (const auto method = base::find_string(object, "method")) return std::string(*method);
    const auto id = base::find_number(object, "id");
    if (!id) return {};
    const auto found = methods_.find(static_cast<std::int64_t>(*id));
    if (found == methods_.end()) return {};
    auto method = std::move(found->second);
    methods_.erase(found);
    return method;
  }

  void arm_deeds() {
    const auto next = injector_->next_deed();
    if (!next || closed_) return;
    later(*next, [this] {
      for (const auto deed : injector_->due(now())) {
        if (!closed_) do_to_server(deed);
      }
      arm_deeds();
    });
  }
  void do_to_server(FaultInjector::Deed deed) {
    switch (deed) {
      case FaultInjector::Deed::kill:
        return inner_->kill_process();
      case FaultInjector::Deed::pause:
        paused_ = inner_->signal_process(SIGSTOP);
        return;
      case FaultInjector::Deed::resume:
        if (std::exchange(paused_, false)) inner_->signal_process(SIGCONT);
        return;
      case FaultInjector::Deed::full_disk:
        full_ = fill_disk_of(inner_->pid());
        return;
      case FaultInjector::Deed::free_disk:
        if (std::exchange(full_, false)) free_disk_of(inner_->pid());
        return;
      case FaultInjector::Deed::disconnect:
        return on_closed({.code = base::Code::unavailable, .detail = "disconnected on purpose"});
    }
  }

  template <class Body>
  void later(SteadyTime at, Body body) {
    const auto slot = next_slot_++;
    const auto key = loop_.schedule_at(at, [this, slot, body = std::move(body)] {
      timers_.erase(slot);
      body();
    });
    timers_.emplace(slot, key);
  }
  void disarm() {
    for (const auto& [slot, key] : timers_) loop_.cancel(key);
    timers_.clear();
  }

  runtime::Loop& loop_;
  std::shared_ptr<FaultInjector> injector_;
  mcp::TransportListener& ear_;
  std::map<std::int64_t, std::string> methods_;
  std::map<std::uint64_t, runtime::Loop::TimerKey> timers_;
  std::uint64_t next_slot_ = 0;
  bool paused_ = false;
  bool full_ = false;
  bool closed_ = false;
  std::unique_ptr<mcp::Transport> inner_;  // last: it may speak to us while it is made
};

}  // namespace

std::function<std::unique_ptr<mcp::Transport>(
    std::function<std::unique_ptr<mcp::Transport>(mcp::TransportListener&)>,
    mcp::TransportListener&)>
with_faults(runtime::Loop& loop, std::shared_ptr<FaultInjector> injector) {
  return [&loop, injector = std::move(injector)](const FaultTransport::Open& open,
                                                 mcp::TransportListener& ear) {
    return std::make_unique<FaultTransport>(loop, injector, open, ear);
  };
}

}  // namespace telltale::lab
