// Engine: the rules, what fires by them, who is told. Metrics are looked at every kInterval on the
// blocking pool, events as they come; neither waits for a delivery. Everything that must outlive
// the process is in the store: an alert that fires is the same one after a restart, and nobody is
// told twice. Lives on one loop: every method there, but open(), rehearse() and the figures.
// Owned by the composition root; stop() before the store closes.
#pragma once

#include <memory>
#include <set>

#include "alert/delivery.hpp"
#include "alert/event_watch.hpp"
#include "alert/plan.hpp"
#include "bus/bus.hpp"
#include "runtime/operation.hpp"
#include "series/engine.hpp"

namespace telltale::alert {

class Engine {
 public:
  static constexpr base::Duration kInterval = std::chrono::seconds(5);
  static constexpr std::size_t kRulesMax = 200;
  static constexpr std::size_t kSilencesMax = 500;
  static constexpr std::size_t kChannelsMax = 50;
  static constexpr std::size_t kOpenMax = 2'000;  // alerts; what is beyond is logged only

  struct Parts {
    runtime::Loop& loop;
    store::Store& store;
    bus::Bus& bus;
    const series::Index& series;
    mail::Mailer& mailer;
    net::OutboundPolicy outbound;
    std::function<std::string()> dashboard;               // where the dashboard is
    std::function<bool(std::string_view)> is_event_type;  // that events have
  };
  // Blocks (start-up): reads what is stored and what of the journal the rules look back at.
  static base::Result<std::unique_ptr<Engine>> open(Parts parts);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  runtime::Task<> stop();
  runtime::Loop& loop() noexcept { return parts_.loop; }
  std::array<std::size_t, 3> firing() const;  // info, warning, critical; any thread
  const DeliveryFigures& deliveries() const noexcept { return delivery_.figures(); }

  // Looks at all metric rules now, as every kInterval.
  static runtime::Task<> evaluate(Engine* self);
  void take(const runtime::Event& event);
  void settle();  // tells who is to be told

  using Answer = runtime::TaskResult<base::JsonObject>;
  base::JsonArray list(const runtime::Actor& actor) const;  // open alerts, the worst first
  static Answer get(Engine* self, runtime::Actor actor, std::string id);
  static Answer acknowledge(Engine* self, runtime::Actor actor, std::string id, std::string note,
                            bool undo);
  struct HistoryQuery {
    store::AlertQuery what;
    runtime::Actor actor;
  };
  static Answer history(Engine* self, HistoryQuery query);

  base::JsonArray list_rules() const;
  base::Result<base::JsonObject> rule(const std::string& id) const;
  static Answer keep_rule(Engine* self, runtime::Actor actor, std::string id, Rule rule);
  static Answer remove_rule(Engine* self, std::string id);
  static Answer reset_rule(Engine* self, std::string id);
  static Answer preview(Engine* self, Rule rule, series::Span span);

  base::JsonArray list_silences(const runtime::Actor& actor) const;
  static Answer add_silence(Engine* self, store::AlertSilence silence);
  static Answer end_silence(Engine* self, std::string id);

  base::JsonArray list_channels() const;
  // "": a new one.
  static Answer keep_channel(Engine* self, runtime::Actor actor, std::string id, ChannelText text);
  static Answer remove_channel(Engine* self, std::string id);
  static Answer test_channel(Engine* self, runtime::Actor actor, std::string id);

 private:
  struct Held {
    Rule rule;
    std::shared_ptr<const Condition> condition;  // null: it does not compile (any more)
    Machine machine{{}};
    std::optional<EventWatch> watch;
    std::int64_t since_ms = 0;  // made, changed or switched on; or our own start
    bool changed = false;       // a default one that is not as we made it
    std::string changed_by;
    std::optional<base::WallTime> changed_at;
    std::string trouble;  // why it could not be looked at
  };
  using Rules = std::map<std::string, Held>;

  explicit Engine(Parts parts);
  base::Result<void> load(store::Connection& db);
  base::Result<void> load_channels(store::Connection& db);
  base::Result<void> look_back(store::Connection& db, Held& held);
  void restore(Alert alert);
  Held hold(Rule rule);
  base::Result<std::shared_ptr<const Condition>> check(const Rule& rule) const;
  base::WallTime now() const { return parts_.loop.clock().wall(); }
  static runtime::Task<> watch(Engine* self);
  void step(const std::string& id, Held& held, const std::vector<Observation>& seen);
  void fire(const std::string& id, const Held& held, const Transition& transition);
  void resolve(Alert& alert);
  void retire(const std::string& rule);  // its alerts are over: it is gone or off
  void put_rule(const std::string& id, Held held);
  void events_changed();
  void tell(const Told& told, base::WallTime at);
  void keep(const Alert& alert);
  void publish(const Alert& alert, std::string_view what);
  void count();
  static runtime::TaskResult<bool> write(Engine* self, store::Store::Work work);
  base::JsonObject alert_json(const Alert& alert) const;
  base::JsonObject rule_json(const std::string& id, const Held& held) const;
  base::JsonObject channel_json(const Channel& channel) const;
  Alert* find_open(const std::string& rule, const std::string& key);

  Parts parts_;
  Rules rules_;
  std::map<std::string, Alert> alerts_;  // open, and those whose end is still to be told
  std::map<std::pair<std::string, std::string>, std::string> firing_;  // rule and series: alert
  std::vector<Silence> silences_;
  std::map<std::string, Channel> channels_;
  std::map<std::string, std::pair<std::string, base::WallTime>> channels_changed_;  // by, at
  std::set<std::string, std::less<>> event_types_;  // that rules look at
  std::optional<base::WallTime> next_;              // the plan's
  std::array<std::atomic<std::size_t>, 3> counts_ = {};
  Delivery delivery_;
  bus::Subscription events_;
  runtime::Notifier changed_;
  runtime::TaskGroup tasks_;
};

base::JsonObject to_json(const Labels& labels);
base::JsonObject to_json(const struct Rehearsal& rehearsal);
// A server that one does not see has no alerts; what is about no server is for who sees all.
bool visible(const runtime::Actor& actor, const Alert& alert);

}  // namespace telltale::alert
