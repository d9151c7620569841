// telltale alerts: what fires and the rules; acknowledges, silences, tests a channel.
#pragma once

#include "cli/commands.hpp"

namespace telltale::cli {

struct AlertArguments {
  std::string verb, target, note, duration = "1h";
};
int run_alerts(const Connection& connection, const AlertArguments& given);

}  // namespace telltale::cli
