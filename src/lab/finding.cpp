#include "lab/finding.hpp"

namespace telltale::lab {

std::string_view level_name(Level level) noexcept {
  return level == Level::must ? "MUST" : "SHOULD";
}

base::JsonObject to_json(const Finding& finding) {
  base::JsonArray evidence;
  for (const auto& line : finding.evidence) evidence.emplace_back(line);
  return {{"rule", finding.rule},       {"level", level_name(finding.level)},
          {"section", finding.section}, {"detail", finding.detail},
          {"remedy", finding.remedy},   {"evidence", std::move(evidence)}};
}

}  // namespace telltale::lab
