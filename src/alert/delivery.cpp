#include "alert/delivery.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "runtime/run.hpp"

namespace telltale::alert {
namespace {

constexpr base::Duration kLimit = std::chrono::seconds(20);  // of one attempt over HTTP
constexpr std::size_t kDelivered = 0, kFailed = 1, kDropped = 2;

// A refusal that asking again would not change.
bool is_final(const base::Error& error) {
  return error.code == base::Code::invalid_argument ||
         error.code == base::Code::permission_denied || error.code == base::Code::not_found ||
         error.code == base::Code::unsupported;
}

}  // namespace

Delivery::Delivery(Parts parts)
    : parts_(std::move(parts)),
      http_(parts_.loop, {.header_timeout = std::chrono::milliseconds(15'000),
                          .body_limit = 64U << 10U,
                          .idle_per_origin = 1,
                          .outbound = parts_.outbound}),
      tasks_(parts_.loop, "alert delivery") {}

void Delivery::send(const Channel& channel, Notification notification) {
  if (tasks_.stopped()) return;
  if (channel.text.kind == "browser") {
    show_in_browsers(notification);
    return note(channel, notification, kDelivered, "", 1);
  }
  auto& line = lines_[channel.id];
  if (!line) {
    line = std::make_shared<Line>(parts_.loop);
    tasks_.spawn("alert.deliver", work(this, line));
  }
  if (!line->queue.push({.channel = channel, .notification = notification}))
    note(channel, notification, kDropped, "100 notifications wait already", 0);
}

runtime::Task<> Delivery::work(Delivery* self, std::shared_ptr<Line> line) {
  while (auto job = co_await line->queue.pop()) co_await deliver(self, std::move(*job));
}

runtime::Task<> Delivery::deliver(Delivery* self, Job job) {
  std::size_t attempts = 0;
  for (;;) {
    ++attempts;
    auto sent = co_await post(self, job.channel, job.notification);
    if (sent) {
      self->note(job.channel, job.notification, kDelivered, "", attempts);
      co_return;
    }
    if (attempts > kRetries.size() || is_final(sent.error())) {
      self->note(job.channel, job.notification, kFailed, sent.error().detail, attempts);
      co_return;
    }
    self->last_[job.channel.id].error = sent.error().detail;
    const base::Duration asked = sent.error().retry_after.value_or(std::chrono::seconds(0));
    co_await runtime::sleep_for(
        std::clamp<base::Duration>(asked, kRetries[attempts - 1], std::chrono::minutes(5)));
  }
}

runtime::TaskResult<bool> Delivery::post(Delivery* self, Channel channel, Notification one) {
  if (channel.text.kind == "browser") {
    self->show_in_browsers(one);
    co_return true;
  }
  if (channel.text.kind == "email") {
    if (!self->parts_.mailer.is_set_up())
      co_return base::fail(base::Code::unsupported,
                           "there is no mail server: start with --smtp-url");
    co_return co_await self->parts_.mailer.send(mail_of(one, channel.text.to));
  }
  const bool slack = channel.text.kind == "slack";
  net::ClientRequest request{.method = "POST",
                             .url = std::string(channel.url.reveal()),
                             .body = slack ? slack_body(one) : webhook_body(one)};
  request.headers.add("Content-Type", "application/json; charset=utf-8");
  request.headers.add("User-Agent", "Telltale");
  if (!slack) {
    const auto time = std::to_string(base::unix_ms(one.at) / 1'000);
    request.headers.add("X-Telltale-Delivery", one.id);
    request.headers.add("X-Telltale-Timestamp", time);
    if (!channel.secret.empty())
      request.headers.add("X-Telltale-Signature", signature(channel.secret, time, request.body));
  }
  auto answer = co_await runtime::with_timeout(kLimit, "it did not answer within 20 s",
                                               self->http_.request(std::move(request)));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status / 100 == 2) co_return true;
  // Its body may be anything, and whoever may test a channel is not meant to read other servers.
  const bool again = answer->status == 429 || answer->status == 408 || answer->status >= 500;
  co_return base::fail(again ? base::Code::remote : base::Code::invalid_argument,
                       "it answered " + std::to_string(answer->status));
}

runtime::TaskResult<bool> Delivery::try_now(Delivery* self, Channel channel,
                                            Notification notification) {
  auto sent = co_await post(self, channel, notification);
  self->note(channel, notification, sent ? kDelivered : kFailed,
             sent ? std::string() : sent.error().detail, 1);
  co_return sent;
}

void Delivery::forget(const std::string& channel) {
  if (const auto found = lines_.find(channel); found != lines_.end()) {
    found->second->queue.close();
    lines_.erase(found);
  }
  last_.erase(channel);
}

Delivery::Last Delivery::last(const std::string& channel) const {
  const auto found = last_.find(channel);
  return found == last_.end() ? Last() : found->second;
}

// One event for each alert, so that everybody is told of what he may see only.
void Delivery::show_in_browsers(const Notification& one) {
  for (const auto& alert : one.alerts) {
    auto data = to_json(alert, nullptr);
    data["event"] = one.test ? "test" : "notification";
    data["title"] = title_of(Notification{.id = one.id,
                                          .rule = one.rule,
                                          .name = one.name,
                                          .resolved = one.resolved,
                                          .test = one.test,
                                          .alerts = {alert}});
    parts_.events.publish(
        {.type = "alert",
         .channel = "alerts",
         .subject = alert.id,
         .severity = one.resolved ? runtime::Severity::info : runtime::Severity::warning,
         .data = std::move(data)});
  }
}

void Delivery::note(const Channel& channel, const Notification& one, std::size_t outcome,
                    const std::string& error, std::size_t attempts) {
  const auto kind =
      static_cast<std::size_t>(std::ranges::find(kKinds, channel.text.kind) - kKinds.begin());
  figures_.total.at(kind).at(outcome).fetch_add(1);
  auto& last = last_[channel.id];
  const auto now = parts_.loop.clock().wall();
  (outcome == kDelivered ? last.delivered_at : last.failed_at) = now;
  last.error = error;
  if (outcome != kDelivered)
    base::log(base::LogLevel::warning, "alert", "{} was not told of {}: {}", channel.text.name,
              one.name, error);
  parts_.events.publish(
      {.type = "alert_delivery",
       .channel = "alerts",
       .subject = channel.id,
       .severity = outcome == kDelivered ? runtime::Severity::info : runtime::Severity::error,
       .data = {{"channel_id", channel.id},
                {"channel", channel.text.name},
                {"kind", channel.text.kind},
                {"outcome", kOutcomes.at(outcome)},
                {"attempts", attempts},
                {"error", error},
                {"rule", one.rule},
                {"name", one.name},
                {"alerts", one.alerts.size()},
                {"resolved", one.resolved},
                {"test", one.test}}});
}

}  // namespace telltale::alert
