// The real program, `telltale serve`, with a fleet file, a state folder and a free port of its own.
// Killed and waited for at the end.
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.hpp"

namespace telltale::faults {

class Hub {
 public:
  Hub(const std::filesystem::path& folder, const boost::json::value& servers,
      std::vector<std::string> more = {})
      : log_((folder / "hub.log").string()) {
    const auto fleet = (folder / "fleet.json").string();
    std::ofstream(fleet) << boost::json::serialize(boost::json::object{{"mcpServers", servers}});
    std::vector<std::string> arguments{TELLTALE_PROGRAM,
                                       "serve",
                                       "--port",
                                       "0",
                                       "--mcp-config",
                                       fleet,
                                       "--persistence-path",
                                       (folder / "state").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int output = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(output, 1);
      ::dup2(output, 2);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(output);
  }
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() {
    if (pid_ > 0) kill(SIGKILL);
  }

  int pid() const { return pid_; }
  // Sends it and waits for the end: the exit code, or minus the signal.
  int kill(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string log() const {
    std::ostringstream out;
    out << std::ifstream(log_).rdbuf();
    return out.str();
  }

 private:
  std::string log_;
  int pid_ = 0;
};

}  // namespace telltale::faults
