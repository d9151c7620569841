// The commands that work on a state directory itself, with or without a running server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

namespace telltale::cli {

struct StateOptions {
  std::string state_directory;
  std::string verb, file, database, heads, public_key, known;
  bool json = false;
};

// `choose` gets what to run for the command that was given.
void add_state_commands(CLI::App& app, std::function<void(std::function<int()>)> choose);

}  // namespace telltale::cli
