// `probe`: one server without a daemon: connect, find the era, list everything, measure. The exit
// code is for CI.
#pragma once

#include <string>
#include <vector>

namespace telltale::cli {

int run_probe(const std::vector<std::string>& target, double timeout_s, bool json);

}  // namespace telltale::cli
