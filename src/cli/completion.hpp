// Shell completion made from the commands themselves, so that it cannot lag behind them.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace telltale::cli {

int print_completion(const CLI::App& root, const std::string& shell);

}  // namespace telltale::cli
