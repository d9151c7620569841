// ScoreCard: all that `telltale probe` finds out about one server in a few seconds: conformance,
// latency, garbage, recovery from a kill, and a score whose parts are shown. make_card() examines,
// the rest only shows: card_text, card_json, card_html. On the current loop; every part is bounded
// in calls and time.
#pragma once

#include "lab/conformance/check.hpp"

namespace telltale::lab {

struct LatencyLine {
  std::string name;  // "ping", or a tool's
  bool is_tool = true;
  std::size_t calls = 0;
  std::size_t errors = 0;  // of these: answered with an error or isError
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  std::string why_not = {};  // it was not called
};

struct KillRecovery {
  std::vector<double> ms;  // from kill -9 to the first answer of the next instance
  std::string why_not = {};
  double median() const;
};

struct ScorePart {
  std::string name;
  double weight = 0;
  double points = 0;
  bool counted = true;
  std::string why;
};

struct CardSettings {
  ConformanceSettings conformance = {};
  bool measure = true;  // latency, garbage and recovery too
  base::Duration connect_timeout = std::chrono::seconds(10);
};

struct ScoreCard {
  std::string target;  // as it was asked for
  ConformanceResult conformance;
  bool measured = false;
  double connect_ms = 0;
  std::vector<LatencyLine> latency;
  KillRecovery recovery;
  std::vector<ScorePart> parts;
  double score = 0;  // of 100
  double took_s = 0;
  base::WallTime at{};
};

runtime::TaskResult<ScoreCard> make_card(runtime::Loop* loop, mcp::Target target,
                                         std::string shown_target, CardSettings settings);

// Sets parts and score from what the card holds.
void score(ScoreCard& card);

struct Group {
  std::string name;
  std::size_t passed = 0, failed = 0, not_applicable = 0;
};
std::vector<Group> groups_of(const ConformanceResult& result);
std::string summary_of(const GarbageResult& one);  // "error -32700 …, alive"
std::string server_name(const ScoreCard& card);

std::string card_text(const ScoreCard& card, bool evidence);
base::JsonObject card_json(const ScoreCard& card);
std::string card_html(const ScoreCard& card);

}  // namespace telltale::lab
