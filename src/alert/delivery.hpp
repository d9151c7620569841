// Delivery: gives notifications to channels. Each channel has its queue and its task, so that one
// that hangs holds up no other and evaluation never waits. A failure is tried again after kRetries;
// what becomes of it is an `alert_delivery` event, a figure, and what the channel's record shows.
// Lives on one loop, its figures are read on any thread; stop() drops what waits.
#pragma once

#include <array>
#include <atomic>
#include <map>

#include "alert/channel.hpp"
#include "alert/message.hpp"
#include "mail/mailer.hpp"
#include "net/http_client.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::alert {

struct DeliveryFigures {
  // By kind (browser, email, webhook, slack) and outcome (delivered, failed, dropped).
  std::array<std::array<std::atomic<std::uint64_t>, 3>, 4> total = {};
};
inline constexpr std::array<std::string_view, 4> kKinds{"browser", "email", "webhook", "slack"};
inline constexpr std::array<std::string_view, 3> kOutcomes{"delivered", "failed", "dropped"};

class Delivery {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // notifications of one channel
  static constexpr std::array<std::chrono::seconds, 3> kRetries{
      std::chrono::seconds(2), std::chrono::seconds(10), std::chrono::seconds(60)};

  struct Parts {
    runtime::Loop& loop;
    runtime::EventSink& events;
    mail::Mailer& mailer;
    net::OutboundPolicy outbound;
  };
  // What its last notification came to.
  struct Last {
    std::optional<base::WallTime> delivered_at, failed_at;
    std::string error;  // of the last one; "" when it was delivered
  };

  explicit Delivery(Parts parts);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Never waits. What a full queue does not take is dropped, and said to be.
  void send(const Channel& channel, Notification notification);
  // At once, once, and tells what went wrong.
  static runtime::TaskResult<bool> try_now(Delivery* self, Channel channel,
                                           Notification notification);
  void forget(const std::string& channel);
  Last last(const std::string& channel) const;
  const DeliveryFigures& figures() const noexcept { return figures_; }
  runtime::Task<> stop() { return tasks_.stop(); }

 private:
  struct Job {
    Channel channel;
    Notification notification;
  };
  struct Line {
    explicit Line(runtime::Loop& loop) : queue(loop, kWaitingMax) {}
    runtime::Mailbox<Job> queue;
  };
  static runtime::Task<> work(Delivery* self, std::shared_ptr<Line> line);
  static runtime::Task<> deliver(Delivery* self, Job job);
  static runtime::TaskResult<bool> post(Delivery* self, Channel channel, Notification one);
  void show_in_browsers(const Notification& one);
  void note(const Channel& channel, const Notification& one, std::size_t outcome,
            const std::string& error, std::size_t attempts);

  Parts parts_;
  net::HttpClient http_;
  std::map<std::string, std::shared_ptr<Line>> lines_;
  std::map<std::string, Last> last_;
  DeliveryFigures figures_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::alert
