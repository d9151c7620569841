// A report of the WebRTC connections: those that are open and those that ended since the one
// before, with their timelines. Plain values, and what is made of them: JSON, and a page that
// stands alone. Making a page takes some milliseconds a connection: not on a loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/figures.hpp"
#include "monitor/timeline.hpp"
#include "report/document.hpp"

namespace telltale::monitor {

struct ReportedConnection {
  std::string state;
  base::JsonObject summary;  // Track::summary()
  Timeline timeline;
  std::optional<Scores> scores;  // of an open one
};

struct ReportContent {
  base::WallTime at = {};
  base::WallTime since = {};  // who ended before is not in it
  Figures figures;
  std::vector<ReportedConnection> connections;  // worst health first
  std::size_t left_out = 0;                     // there were more
};

// `raw`: with every sample and event of the timelines.
base::JsonObject report_json(const ReportContent& content, bool raw);

struct PageOptions {
  report::Theme theme = report::Theme::automatic;
  double reload_s = 0;       // an open page reads itself anew; 0: it does not
  std::size_t charted = 20;  // connections with charts; the others are in the table
};
// Of the worst, `charted` have charts.
report::Document report_document(const ReportContent& content, std::size_t charted);
std::string report_page(const ReportContent& content, const PageOptions& options);

}  // namespace telltale::monitor
