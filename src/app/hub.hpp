// The composition root: builds every part in order, owns them, starts and stops them. Nothing else
// knows them all.
#pragma once

#include <memory>

#include "alert/engine.hpp"
#include "api/face.hpp"
#include "app/certificate.hpp"
#include "app/metrics_feed.hpp"
#include "app/presence.hpp"
#include "app/settings.hpp"
#include "app/test_client.hpp"
#include "app/test_lab.hpp"
#include "app/webrtc.hpp"
#include "audit/log.hpp"
#include "auth/sessions.hpp"
#include "bus/bus.hpp"
#include "catalog/dispatcher.hpp"
#include "content/engine.hpp"
#include "fleet/registry.hpp"
#include "live/hub.hpp"
#include "mail/mailer.hpp"
#include "net/http_server.hpp"
#include "reporting/desk.hpp"
#include "runtime/runtime.hpp"
#include "schedule/scheduler.hpp"
#include "series/engine.hpp"
#include "store/store.hpp"

namespace telltale::app {

class App {
 public:
  static base::Result<std::unique_ptr<App>> open(ServeSettings settings);
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  void start();
  void stop();
  void reload();                   // SIGHUP: what can be read anew without a restart; any thread
  std::string url() const;         // where we listen
  std::string public_url() const;  // as browsers reach us
  // What it knows is read on any thread; null: --disable-webrtc-monitor.
  const monitor::Monitor* webrtc_monitor() const noexcept { return webrtc_->monitor(); }
  const auth::FirstRun& first_run() const noexcept { return first_run_; }
  // --run-tests: tries itself and prints a report on stdout; false: something is not well. Blocks;
  // from a thread that is no loop.
  bool run_tests();

 private:
  explicit App(ServeSettings settings);
  base::Result<void> build();
  base::Result<void> open_store();
  base::Result<void> open_content(const net::OutboundPolicy& outbound);
  void declare_operations();
  std::string metrics_text() const;
  base::JsonObject readiness() const;
  static runtime::Task<> watch_tasks(App* app);
  static runtime::Task<> shut_down(App* app);

  ServeSettings settings_;
  std::string state_directory_;
  runtime::Runtime runtime_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<auth::SessionService> sessions_;
  auth::FirstRun first_run_;
  catalog::Catalog catalog_;
  std::unique_ptr<audit::Log> audit_;
  std::unique_ptr<catalog::Dispatcher> dispatcher_;
  std::unique_ptr<series::Engine> series_;
  std::unique_ptr<fleet::Registry> fleet_;
  std::unique_ptr<content::Engine> content_;
  std::unique_ptr<WebRtc> webrtc_;
  std::unique_ptr<TestLab> lab_;
  std::unique_ptr<mail::Mailer> mailer_;
  std::unique_ptr<reporting::Desk> reports_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
  std::unique_ptr<Presence> presence_;
  std::unique_ptr<alert::Engine> alerts_;
  std::unique_ptr<live::Hub> live_;
  std::unique_ptr<api::Face> face_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<CertificateWatch> certificate_;  // with TLS only
  std::unique_ptr<MetricsFeed> metrics_feed_;
  std::unique_ptr<runtime::TaskGroup> tasks_;
  bus::Subscription journal_;
  std::unique_ptr<TestClient> test_client_;  // with --test-client only
  std::atomic<bool> ready_{false};
};

}  // namespace telltale::app
