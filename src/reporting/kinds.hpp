// The kinds of report that are made of the store's history. Each reads what its asker may see and
// answers a document for people and the same as data. They block: on the store's readers.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "report/document.hpp"
#include "store/history_ranges.hpp"

namespace telltale::reporting {

struct Report {
  report::Document document;
  base::JsonObject data;
  // Formats that are not written from the document, by name: JUnit, a summary of its own.
  std::map<std::string, std::string> own = {};
};

struct Question {
  store::Range range;
  std::function<bool(std::string_view server)> sees;  // any thread
  std::string run = {}, other = {};                   // of the lab's kinds: ids of runs
};

// How each server did: checks passed by day, response times, calls and what failed.
base::Result<Report> fleet_health(store::Connection& db, const Question& question);
// One server, moment by moment: its states, warnings, failed calls, response times.
base::Result<Report> incident(store::Connection& db, const Question& question);

// What both say the same way.
std::string shown_time(base::WallTime at);  // 2026-11-22 03:00:00 UTC
report::Cell number_cell(double value, int digits, std::string_view unit = "");
report::Tone tone_of_availability(double percent);

}  // namespace telltale::reporting
