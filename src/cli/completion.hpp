// Shell completion made from the commands themselves, so that it cannot lag behind them.
#pragma once

#include <string>

#include <CLI/App.hpp>

namespace telltale::cli {

int print_completion(const CLI::App& root, const std::string& shell);

}  // namespace telltale::cli
