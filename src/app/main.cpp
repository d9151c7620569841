// telltale: `serve` is the main job; the other commands talk to a running server or to one MCP
// server.
#include <cstdio>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/hub.hpp"
#include "app/settings.hpp"
#include "base/log.hpp"
#include "base/stderr_sink.hpp"
#include "cli/commands.hpp"
#include "net/process.hpp"

// jemalloc looks here (jemalloc(3), TUNING): few arenas for few threads, and freed pages given back
// within a second, so that a burst of calls or a password hash does not stay in the resident size.
// Without jemalloc (sanitizers) nobody does.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0";
}

namespace {

using telltale::app::App;
using telltale::app::ServeSettings;

int complain(const telltale::base::Error& error) {
  std::fprintf(stderr, "telltale: %s\n", error.detail.c_str());
  return 1;
}

void print_welcome(const App& app) {
  const auto& first = app.first_run();
  std::printf(
      "\n  Telltale is running.\n\n  Log in with this link (it works once):\n\n    "
      "%s/login#code=%s\n\n",
      app.url().c_str(), first.login_code.c_str());
  if (first.admin_password)
    std::printf(
        "  Or as user admin with the password %s\n  (made up now, shown once: change it after the "
        "first login)\n\n",
        first.admin_password->c_str());
  std::fflush(stdout);
}

void open_browser(const App& app) {
  const auto link = app.url() + "/login#code=" + app.first_run().login_code;
  if (::fork() == 0) {
    ::execlp("xdg-open", "xdg-open", link.c_str(), nullptr);
    std::fprintf(stderr, "telltale: --open-browser: xdg-open is not installed\n");
    ::_exit(127);
  }
}

int serve(const ServeSettings& settings) {
  auto level = telltale::base::parse_log_level(settings.debug ? "debug" : settings.log_level);
  if (!level) return complain({.detail = "--log-level: " + level.error().detail});
  if (auto started = telltale::base::start_logging(
          {.level = *level, .json = settings.log_format == "json", .directory = settings.log_dir});
      !started)
    return complain(started.error());
  telltale::net::become_subreaper();
  ::prctl(PR_SET_DUMPABLE, 0);  // keys live in this memory: no core dump, no ptrace by others
  // All threads inherit the mask; the signals are taken here, synchronously.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto app = App::open(settings);
  if (!app) return complain(app.error());
  (*app)->start();
  print_welcome(**app);
  if (settings.open_browser) open_browser(**app);
  if (settings.run_tests) {
    const bool well = (*app)->run_tests();
    (*app)->stop();
    return well ? 0 : 1;
  }
  int signal = 0;
  while (::sigwait(&signals, &signal) == 0 && signal == SIGHUP) (*app)->reload();
  telltale::base::log(telltale::base::LogLevel::info, "app", "shutting down");
  // A second signal means now.
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*app)->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  telltale::base::hold_standard_streams();
  CLI::App cli("Telltale runs, watches, tests and steers fleets of MCP servers.", "telltale");
  cli.require_subcommand(1);
  ServeSettings settings;
  auto* const serve_command = telltale::app::add_serve(cli, settings);
  telltale::cli::Commands commands;
  commands.add_to(cli);
  CLI11_PARSE(cli, argc, argv);
  try {
    return serve_command->parsed() ? serve(settings) : commands.run();
  } catch (const std::exception& error) {
    return complain({.detail = error.what()});
  }
}
