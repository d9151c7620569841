// The commands beside `serve`. Those that ask a running server need its URL and a token: --url /
// TELLTALE_URL and --token / TELLTALE_TOKEN, or user and password; `probe` and `tap` need no
// server.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "cli/probe.hpp"
#include "cli/test_suites.hpp"

namespace telltale::cli {

struct Connection {
  std::string url = "http://127.0.0.1:8000";
  std::string token;
  std::string user = "admin";
  std::string password;
  bool json = false;
};

struct AccessArguments {
  std::string verb, name, role = "viewer", email, password, password_hash, description;
  std::string grants = "[]";
  std::vector<std::string> scopes;
  int days = 90;
};

struct ContentArguments {
  std::string verb, target, output;
  int cid_version = 0;
  bool no_pin = false, pin = false, raw_leaves = false, hidden = false;
};

struct SimulateArguments {
  std::size_t viewers = 10, callers = 0;
  double duration_s = 30, ramp_s = 5, stay_s = 60, settled_s = 20, think_ms = 500;
  std::uint64_t seed = 1;
  std::string source = "test", quality = "auto", link = "perfect";
  std::optional<double> loss_percent, jitter_ms, delay_ms, rate_kbps;
  std::vector<std::string> calls, objectives;
};

struct BenchArguments {
  std::string source = "test", quality = "auto", link = "perfect", baseline;
  double duration_s = 10, threshold = 20;
  std::uint64_t seed = 1;
  std::vector<std::string> outputs;
};

struct ReportArguments {
  std::string kind, format = "html", output, server, run, other, from, to;
  std::vector<std::string> email;
};

class Commands {
 public:
  void add_to(CLI::App& app);
  int run();  // the one that was given

 private:
  CLI::App* add(CLI::App& app, const std::string& name, const std::string& help,
                std::function<int()> body, bool needs_server);
  void add_access_to(CLI::App& app);
  void add_content_to(CLI::App& app);
  void add_simulate_to(CLI::App& app);
  void add_bench_to(CLI::App& app);
  void add_probe_to(CLI::App& app);
  void add_test_to(CLI::App& app);
  void add_report_to(CLI::App& app);
  int manage_users();
  int manage_roles();
  int manage_tokens();
  int manage_sessions();

  Connection connection_;
  AccessArguments access_;
  ContentArguments content_;
  SimulateArguments simulate_;
  BenchArguments bench_;
  ProbeArguments probe_;
  TestArguments test_;
  ReportArguments report_;
  std::string callback_;
  bool forget_ = false, no_wait_ = false;
  std::string server_, tool_, arguments_ = "{}", verb_, shell_, tap_name_, tap_record_;
  bool follow_ = false, payload_ = false, verbose_ = false;
  std::vector<std::string> command_;
  std::function<int()> chosen_;
};

}  // namespace telltale::cli
