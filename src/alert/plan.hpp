// Plan: who is to be told what, now. Looks at every open alert: its rule's channels, and once
// nobody has acknowledged it in time those it escalates to; not while it is silenced, nor to a
// channel that is quiet, wants only worse or has been told. The alerts of one rule that fire within
// its group_s make one notification, those that end likewise. Because it compares what is with what
// was told, a silence or a quiet hour that ends, a restart and a new channel need nothing of their
// own. No I/O.
#pragma once

#include "alert/alert.hpp"
#include "alert/channel.hpp"

namespace telltale::alert {

struct Told {
  std::string channel, rule;
  bool resolved = false;
  std::vector<std::string> alerts;  // ids
};
struct Plan {
  std::vector<Told> tell;
  std::vector<std::string> escalated;  // ids of alerts that did so now
  std::vector<std::string> over;       // ids of alerts that nobody is to be told of any more
  std::optional<base::WallTime> next;  // when to look again, however still everything is
};

struct PlanInput {
  const std::map<std::string, Alert>& alerts;  // open, and those that are over but not yet told
  const std::map<std::string, Channel>& channels;
  const std::vector<Silence>& silences;
  // Null: there is no such rule any more.
  std::function<const Rule*(const std::string&)> rule;
};
Plan plan(const PlanInput& input, base::WallTime now);

}  // namespace telltale::alert
