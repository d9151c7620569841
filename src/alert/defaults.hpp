// The rules that are there without any configuration. They can be changed and switched off; what
// was changed is in the store under the same id, and a reset removes it there.
#pragma once

#include <span>

#include "alert/rule.hpp"

namespace telltale::alert {

struct DefaultRule {
  std::string id;
  Rule rule;
};
const std::vector<DefaultRule>& default_rules();
const Rule* find_default(std::string_view id);

}  // namespace telltale::alert
