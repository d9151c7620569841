// Alert: one firing of a rule for one series, and a silence that may keep it quiet. Plain values.
#pragma once

#include "alert/condition.hpp"
#include "store/alerts.hpp"

namespace telltale::alert {

using Alert = store::AlertRecord;

struct Silence {
  store::AlertSilence record;
  std::vector<series::Matcher> matchers;
};

Labels labels_of(const Alert& alert);
// By the alert's labels, and `rule` (its id), `rule_name`, `severity`, `alert` (its id).
bool silences(const Silence& silence, const Alert& alert, base::WallTime now);
const Silence* silence_of(const std::vector<Silence>& silences, const Alert& alert,
                          base::WallTime now);
// 0 info, 1 warning, 2 critical.
int rank_of(std::string_view severity);
// firing, acknowledged, silenced, resolved.
std::string_view state_of(const Alert& alert, const Silence* silence);

base::JsonObject to_json(const Alert& alert, const Silence* silence);
base::JsonObject to_json(const store::AlertSilence& silence);

}  // namespace telltale::alert
