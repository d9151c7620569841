#include "app/hub.hpp"

#include <cstdlib>
#include <filesystem>

#include <stdlib.h>

#include "alert/operations.hpp"
#include "app/about.hpp"
#include "app/housekeeping.hpp"
#include "app/lab_reports.hpp"
#include "app/public_url.hpp"
#include "app/reports.hpp"
#include "app/schedules.hpp"
#include "app/self_tests.hpp"
#include "app/service_manager.hpp"
#include "audit/operations.hpp"
#include "auth/operations.hpp"
#include "base/duration.hpp"
#include "base/log.hpp"
#include "catalog/operations.hpp"
#include "catalog/task_watch.hpp"
#include "catalog/traces.hpp"
#include "content/operations.hpp"
#include "fleet/operations.hpp"
#include "live/event_types.hpp"
#include "presence/operations.hpp"
#include "reporting/badges.hpp"
#include "reporting/operations.hpp"
#include "schedule/operations.hpp"
#include "series/operations.hpp"
#include "store/declare.hpp"
#include "store/event_journal.hpp"
#include "store/operations.hpp"
#include "store/state_directory.hpp"
#include "store/test_suites.hpp"

namespace telltale::app {
namespace {

std::string home_folder() {
  const char* const home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): at start-up
  return home == nullptr ? "" : home;
}

std::string current_folder() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

constexpr std::string_view kVersion = "0.1.0";
// Events that were not on disk yet when the last process was killed had numbers too: the new life
// starts well above them, so that a client is told of a gap and never takes a new event for an old
// one.
constexpr std::uint64_t kSequenceMargin = 100'000;

std::string environment(const char* name) {
  const char* const value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread changes it
  return value == nullptr ? "" : value;
}

// Of the programs before us; who sets them should not believe that his data is there.
void tell_unused_stores(const std::string& state_directory) {
  for (const auto* const name : {"DATABASE_URL", "REDIS_URL"})
    if (!environment(name).empty())
      base::log(base::LogLevel::warning, "store", "{} is not used: the data is in {}", name,
                state_directory);
}

}  // namespace

App::App(ServeSettings settings) : settings_(std::move(settings)), runtime_(settings_.loops) {}

App::~App() {
  if (settings_.isolation && !state_directory_.empty()) {
    http_.reset();
    store_.reset();
    std::error_code error;
    std::filesystem::remove_all(state_directory_, error);
  }
}

base::Result<std::unique_ptr<App>> App::open(ServeSettings settings) {
  std::unique_ptr<App> app(new App(std::move(settings)));
  if (auto built = app->build(); !built) return std::unexpected(built.error());
  return app;
}

base::Result<void> App::open_store() {
  state_directory_ = settings_.persistence_path.empty() ? store::default_state_directory()
                                                        : settings_.persistence_path;
  if (settings_.isolation) {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      return base::fail(base::Code::storage, "--isolation: cannot make a temporary directory");
    state_directory_ = name;
  }
  tell_unused_stores(state_directory_);
  auto store = store::Store::open({.path = state_directory_ + "/telltale.db"}, runtime_.clock(),
                                  runtime_.blocking());
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  return store_->write_now([this](store::Connection& db) {
    if (auto done = store::interrupt_test_runs(db, runtime_.clock().wall()); !done) return done;
    return store::fail_interrupted(db, runtime_.clock().wall());
  });
}

base::Result<void> App::open_content(const net::OutboundPolicy& outbound) {
  auto content = content::Engine::open(
      {.disk = {.folder = settings_.content_path.empty() ? state_directory_ + "/content"
                                                         : settings_.content_path,
                .limit_bytes = settings_.disk_cache_bytes},
       .memory_bytes = settings_.memory_cache_bytes,
       .fetch = {.gateways = settings_.ipfs_gateways,
                 .api = settings_.ipfs_api,
                 .outbound = outbound}},
      runtime_, *store_, *bus_);
  if (!content) return std::unexpected(content.error());
  content_ = std::move(*content);
  return {};
}

base::Result<void> App::build() {
  if (auto opened = open_store(); !opened) return opened;
  bus_ = std::make_unique<bus::Bus>(runtime_.clock());
  auto journal = store::load_journal(*store_, 10'000);
  if (!journal) return std::unexpected(journal.error());
  if (journal->last_seq > 0) {
    std::vector<bus::Bus::Stored> kept;
    kept.reserve(journal->tail.size());
    for (auto& entry : journal->tail)
      kept.push_back({.head = std::move(entry.head), .data = std::move(entry.data)});
    bus_->resume_after(journal->last_seq + kSequenceMargin, std::move(kept));
  }

  auto sessions =
      auth::SessionService::open(*store_, runtime_.blocking(), environment("SECRET_KEY"));
  if (!sessions) return std::unexpected(sessions.error());
  sessions_ = std::move(*sessions);
  auto first = sessions_->first_run(environment("TELLTALE_ADMIN_PASSWORD"));
  if (!first) return std::unexpected(first.error());
  first_run_ = std::move(*first);

  for (std::size_t i = 0; i < runtime_.size(); ++i)
    runtime_.loop(i).on_stall([this](const runtime::Stall& stall) {
      bus_->publish({.type = "loop_stall",
                     .channel = "events",
                     .subject = stall.loop,
                     .severity = runtime::Severity::warning,
                     .data = {{"loop", stall.loop},
                              {"task", stall.task},
                              {"duration_ms", base::to_ms(stall.duration)}}});
    });
  auto outbound = net::OutboundPolicy::parse(settings_.outbound_allow);
  if (!outbound)
    return base::fail(outbound.error().code, "--outbound-allow: " + outbound.error().detail);
  if (!settings_.public_url.empty()) {
    auto given = parse_public_url(settings_.public_url);
    if (!given) return std::unexpected(given.error());
    settings_.public_url = given->origin;
    settings_.allowed_hosts.push_back(given->host);
    settings_.allowed_origins.push_back(given->origin);
  }
  if (auto opened = open_content(*outbound); !opened) return opened;
  series_ = std::make_unique<series::Engine>(series::Engine::Parts{
      .store = *store_, .events = *bus_, .clock = runtime_.clock(), .listened = [this] {
        return live_->metrics_listeners() > 0;
      }});
  if (auto loaded = series_->load(); !loaded) return loaded;
  auto webrtc = WebRtc::open(settings_, {.runtime = runtime_,
                                         .library = content_->library(),
                                         .store = *store_,
                                         .events = *bus_,
                                         .process = process_figures});
  if (!webrtc) return std::unexpected(webrtc.error());
  webrtc_ = std::move(*webrtc);
  const std::vector<std::string> hidden{
      std::filesystem::absolute(state_directory_).lexically_normal().string()};
  const auto lab_outbound = *outbound;
  fleet_ = std::make_unique<fleet::Registry>(
      fleet::FleetSettings{
          .file = settings_.mcp_config,
          .outbound = std::move(*outbound),
          .hidden = hidden,
          .oauth = {.redirect_uri = [this] { return redirect_uri(public_url()); },
                    .client_metadata_url = client_metadata_url(settings_.public_url)}},
      runtime_, *store_, *bus_);
  lab_ = std::make_unique<TestLab>(runtime_, *store_, *bus_, *fleet_, lab_outbound, hidden);
  auto errors = fleet_->load();
  if (!errors) return std::unexpected(errors.error());
  for (const auto& error : *errors)
    base::log(base::LogLevel::error, "fleet", "left out: {}", error.detail);

  auto audit = audit::Log::open({.folder = state_directory_}, *store_, runtime_.blocking(), *bus_);
  if (!audit) return std::unexpected(audit.error());
  audit_ = std::move(*audit);
  dispatcher_ = std::make_unique<catalog::Dispatcher>(catalog_, runtime_, *store_, *bus_, *audit_);
  presence_ = std::make_unique<Presence>(
      presence::Engine::Settings{.enabled = !settings_.no_presence,
                                 .mutual = settings_.presence_mutual},
      presence::Engine::Parts{.loop = runtime_.loop(0), .store = *store_, .servers = [this] {
                                std::vector<std::string> names;
                                for (const auto& [name, server] : *fleet_->servers())
                                  names.push_back(name);
                                return names;
                              }});
  live_ = std::make_unique<live::Hub>(
      runtime_, *bus_, *dispatcher_, *sessions_, presence_->engine,
      live::FleetStatus{.records = [this] { return fleet_->records(); },
                        .version = [this] { return fleet_->version(); }},
      live::HubSettings{.user_messages = {.limit = settings_.rate_limit_per_minute},
                        .version = std::string(kVersion)});
  sessions_->on_change([this] { live_->recheck(); });
  dispatcher_->name_servers_by([this](std::string_view given) -> std::optional<std::string> {
    const auto server = fleet_->find(std::string(given));
    if (!server) return std::nullopt;
    return (*server)->name();
  });
  auto mailer = open_mailer(settings_, runtime_.clock());
  if (!mailer) return std::unexpected(mailer.error());
  mailer_ = std::move(*mailer);
  reports_ =
      std::make_unique<reporting::Desk>(report_parts({.store = *store_,
                                                      .blocking = runtime_.blocking(),
                                                      .mailer = *mailer_,
                                                      .fleet = *fleet_,
                                                      .webrtc = webrtc_->reporter(),
                                                      .folder = state_directory_ + "/reports"}));
  auto scheduler = schedule::Scheduler::open(
      schedule_parts(runtime_.loop(0), *store_, *bus_, *dispatcher_, *sessions_));
  if (!scheduler) return std::unexpected(scheduler.error());
  scheduler_ = std::move(*scheduler);
  auto alerts = alert::Engine::open({.loop = runtime_.loop(0),
                                     .store = *store_,
                                     .bus = *bus_,
                                     .series = series_->index(),
                                     .mailer = *mailer_,
                                     .outbound = lab_outbound,
                                     .dashboard = [this] { return public_url(); },
                                     .is_event_type = live::is_event_type});
  if (!alerts) return std::unexpected(alerts.error());
  alerts_ = std::move(*alerts);
  declare_operations();
  face_ = std::make_unique<api::Face>(
      *dispatcher_, *sessions_, runtime_.clock(), *audit_,
      api::FaceSettings{.allowed_hosts = settings_.allowed_hosts,
                        .allowed_origins = settings_.allowed_origins,
                        .allow_query_token = !settings_.disable_query_token,
                        .metrics_path = settings_.disable_metrics ? "" : settings_.metrics_path,
                        .rate_limit_per_minute = settings_.rate_limit_per_minute,
                        .version = std::string(kVersion)},
      api::FaceParts{.client_metadata = [this] { return client_metadata(settings_.public_url); },
                     .metrics_text = [this] { return metrics_text(); },
                     .readiness = [this] { return readiness(); },
                     .websocket =
                         [this](std::shared_ptr<net::WebSocket> socket, runtime::Actor actor,
                                base::WallTime expires) {
                           return live_->serve(std::move(socket), std::move(actor), expires);
                         }});
  std::vector<runtime::Loop*> loops;
  loops.reserve(runtime_.size());
  for (std::size_t i = 0; i < runtime_.size(); ++i) loops.push_back(&runtime_.loop(i));
  std::optional<net::TlsSettings> tls;
  if (!settings_.tls_certificate.empty())
    tls = net::TlsSettings{settings_.tls_certificate, settings_.tls_key};
  const auto socket = inherited_socket();
  if (!socket) return std::unexpected(socket.error());
  auto http = net::HttpServer::open(
      {.host = settings_.host,
       .port = settings_.port,
       .listening_socket = *socket,
       .tls = std::move(tls)},
      std::move(loops), [this](net::Request request) { return face_->handle(std::move(request)); });
  if (!http) return std::unexpected(http.error());
  http_ = std::move(*http);
  if (!settings_.tls_certificate.empty())
    certificate_ = std::make_unique<CertificateWatch>(
        *http_, net::TlsSettings{settings_.tls_certificate, settings_.tls_key}, runtime_, *bus_);
  metrics_feed_ = std::make_unique<MetricsFeed>(MetricsFeed::Parts{
      .engine = *series_,
      .bus = *bus_,
      .runtime = runtime_,
      .fleet = *fleet_,
      .monitor = [this] { return webrtc_->monitor(); },
      .certificate_ends = [this]() -> std::optional<base::WallTime> {
        const auto certificate = http_->certificate();
        return certificate ? std::optional(certificate->not_after) : std::nullopt;
      },
      .logins_refused = [this] { return face_->logins_refused(); },
      .folder = state_directory_});
  tasks_ = std::make_unique<runtime::TaskGroup>(runtime_.loop(0), "app");
  return {};
}

void App::declare_operations() {
  auth::declare_operations(catalog_, *sessions_);
  audit::declare_operations(catalog_, *audit_);
  store::declare_operations(catalog_, *store_);
  fleet::declare_operations(catalog_, *fleet_, *store_);
  fleet::declare_discovery_operations(
      catalog_, *fleet_, runtime_.blocking(),
      {.enabled = !settings_.no_discover, .home = home_folder(), .project = current_folder()});
  fleet::declare_tap_operations(catalog_, *bus_);
  content::declare_operations(catalog_, *content_);
  content::declare_upload_operations(catalog_, *content_);
  schedule::declare_operations(catalog_, *scheduler_);
  alert::declare_operations(catalog_, *alerts_);
  reporting::declare_operations(catalog_, *reports_);
  reporting::declare_badges(catalog_, server_badge(*fleet_, settings_.public_badges),
                            suite_badge(*store_), settings_.public_badges);
  webrtc_->declare(catalog_, *dispatcher_);
  lab_->declare(catalog_);
  presence::declare_operations(catalog_, presence_->engine, presence_->chat,
                               presence_->annotations);
  series::declare_operations(catalog_, *series_);
  series::declare_analytics(catalog_, *store_);
  series::declare_reliability(catalog_, *store_);
  catalog::declare_operations(catalog_, *dispatcher_, runtime_, *store_, *bus_,
                              {.process = process_figures,
                               .websocket_clients = [this] { return live_->clients(); },
                               .version = std::string(kVersion)});
  catalog::declare_traces(catalog_, *dispatcher_, *store_);
  declare_about(catalog_, *store_, std::string(kVersion));
}

std::string App::url() const {
  const auto host =
      settings_.host == "0.0.0.0" || settings_.host == "::" ? "127.0.0.1" : settings_.host;
  return (settings_.tls_certificate.empty() ? "http://" : "https://") +
         (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(http_->port());
}

std::string App::public_url() const {
  return settings_.public_url.empty() ? url() : settings_.public_url;
}

void App::start() {
  runtime_.start();
  audit_->start(runtime_.loop(0));
  runtime_.loop(0).post([this] {
    journal_ = bus_->subscribe(runtime_.loop(0), [this](std::span<const bus::PublishedPtr> batch) {
      std::vector<store::JournalEntry> kept;
      for (const auto& item : batch)
        if (item->event.channel != "logs" && item->event.channel != "audit" &&
            item->event.channel != "metrics" &&
            item->event.type != "webrtc_stats")  // these have tables of their own, or none
          kept.push_back({.head = {item, &item->event}, .data = item->data_text()});
      if (!kept.empty()) store::record_events(*store_, std::move(kept));
    });
    series_->start(runtime_.loop(0));
    metrics_feed_->start(runtime_.loop(0));
    tasks_->spawn("app.house",
                  keep_house({.runtime = runtime_,
                              .bus = *bus_,
                              .store = *store_,
                              .fleet = *fleet_,
                              .websocket_clients = [this] { return live_->clients(); },
                              .forget_old_runs = [this] { return lab_->forget_old(); }}));
    if (certificate_) tasks_->spawn("app.certificate", CertificateWatch::run(certificate_.get()));
    scheduler_->start();
    presence_->engine.start();
    alerts_->start();
    tasks_->spawn("app.task_watch", watch_tasks(this));
    if (const auto interval = watchdog_interval())
      tasks_->spawn("app.watchdog", keep_watchdog(&runtime_, *interval));
  });
  fleet_->start();
  content_->start();
  webrtc_->start();
  http_->start();
  ready_ = true;
  tell_ready("Serving " + url());
  if (settings_.test_client) {
    test_client_ = std::make_unique<TestClient>(runtime_.loop(0), url(),
                                                [this] { return sessions_->own_token(); });
    test_client_->start();
  }
}

runtime::Task<> App::watch_tasks(App* app) {
  catalog::TaskWatch watch(app->runtime_.tasks(), *app->bus_, app->runtime_.clock());
  for (;;) {
    co_await runtime::sleep_for(catalog::TaskWatch::kMinimumAge);
    watch.look();
  }
}

base::JsonObject App::readiness() const {
  const auto store = store_->health();
  base::JsonObject out{{"ready", ready_.load() && store.empty()},
                       {"servers", fleet_->servers()->size()}};
  out["store"] = store.empty() ? "ok" : store;
  if (certificate_) out["tls"] = certificate_->record();
  const auto webrtc = webrtc_->health();
  out["webrtc"] = webrtc.empty() ? "ok" : webrtc;
  if (const auto monitor = webrtc_->monitor_health(); !monitor.empty())
    out["webrtc_monitor"] = monitor;
  return out;
}

runtime::Task<> App::shut_down(App* app) {
  const auto drain = base::from_seconds(app->settings_.drain_seconds);
  app->ready_ = false;
  tell_stopping();
  if (app->test_client_) co_await app->test_client_->stop();  // it says goodbye over HTTP
  const auto deadline = app->runtime_.clock().now() + drain;
  // Nobody new first, and an answer to whoever was taken; then what goes on without a caller.
  co_await app->http_->stop(drain);
  co_await app->scheduler_->stop();
  co_await app->alerts_->stop();
  app->mailer_->end();  // a server that hangs would hold up the operation that waits for it
  co_await app->dispatcher_->stop(
      std::max(deadline - app->runtime_.clock().now(), base::Duration::zero()));
  co_await app->live_->stop();
  co_await app->presence_->engine.stop();
  co_await app->lab_->stop();
  co_await app->fleet_->stop();
  co_await app->webrtc_->stop();
  co_await app->content_->stop();
  co_await app->metrics_feed_->stop();
  co_await app->series_->stop();
  co_await app->tasks_->stop();
  co_await app->audit_->stop();
  app->journal_ = {};
}

bool App::run_tests() {
  runtime::TaskGroup unused(runtime_.loop(0), "self tests");
  const auto results = runtime::run_to_completion(
      runtime_.loop(0), unused, "app.self_tests",
      run_self_tests({.url = url(),
                      .token = [this]() -> runtime::TaskResult<std::string> {
                        return [](App* app) -> runtime::TaskResult<std::string> {
                          co_return app->sessions_->own_token();
                        }(this);
                      },
                      .verify_peer = false}));
  std::fputs(report_of(*results).c_str(), stdout);
  std::fflush(stdout);
  return std::ranges::all_of(*results, &SelfTestResult::ok);
}

void App::reload() {
  if (certificate_) runtime_.loop(0).post([this] { certificate_->look_now(); });
}

void App::stop() {
  runtime::TaskGroup unused(runtime_.loop(0), "stop");
  runtime::run_to_completion(runtime_.loop(0), unused, "app.stop",
                             [](App* app) -> runtime::Task<bool> {
                               co_await shut_down(app);
                               co_return true;
                             }(this));
  if (const auto left = runtime_.tasks().running(); !left.empty())
    for (const auto& task : left)
      base::log(base::LogLevel::error, "app", "task {} of {} did not end", task.name, task.owner);
  store_->close();
  runtime_.stop();
}

}  // namespace telltale::app
