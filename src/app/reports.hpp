// What reports, letters and badges need of others: the fleet's names and states, the WebRTC
// monitor.
#pragma once

#include "app/settings.hpp"
#include "fleet/registry.hpp"
#include "monitor/reporter.hpp"
#include "reporting/badges.hpp"
#include "reporting/desk.hpp"

namespace telltale::app {

base::Result<std::unique_ptr<mail::Mailer>> open_mailer(const ServeSettings& settings,
                                                        const base::Clock& clock);

struct ReportSources {
  store::Store& store;
  runtime::BlockingPool& blocking;
  mail::Mailer& mailer;
  fleet::Registry& fleet;
  monitor::Reporter* webrtc = nullptr;  // null: --disable-webrtc-monitor
  std::string folder;
};
// All of these outlive the desk.
reporting::Desk::Parts report_parts(const ReportSources& sources);

reporting::FindBadge server_badge(fleet::Registry& fleet, bool is_public);

}  // namespace telltale::app
