// The oracle of the cells about leaked processes: a FIFO that every process of a family
// (tests/support/servers/family.cpp) holds open. End of file is "none is left", by the kernel's own
// count; no list of numbers, no polling.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace telltale::faults {

inline constexpr int kWays = 9;

class Family {
 public:
  explicit Family(const std::filesystem::path& folder, const std::string& name = "family")
      : path_(folder / (name + ".fifo")) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0666), 0);
    ::chmod(path_.c_str(), 0666);
    fd_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(fd_, 0);
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() {
    ::close(fd_);
    ::unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }

  // Until so many different ones (the server and its ways) have said that they are there.
  bool all_here(std::size_t count, std::chrono::milliseconds limit) {
    return wait(limit, [&] { return names_.size() >= count; });
  }
  // Until nobody holds the FIFO any more.
  bool none_left(std::chrono::milliseconds limit) {
    return wait(limit, [&] { return ended_; });
  }
  std::string who() const {
    std::string out;
    for (const auto& name : names_) out += name + " ";
    return out;
  }
  void forget() {
    names_.clear();
    ended_ = false;
  }

 private:
  template <class Condition>
  bool wait(std::chrono::milliseconds limit, Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      pollfd look{.fd = fd_, .events = POLLIN, .revents = 0};
      const auto most = static_cast<int>(std::max<long>(left.count(), 0));
      if (::poll(&look, 1, most) <= 0) return false;
      read_some();
    }
    return true;
  }

  void read_some() {
    char bytes[4096];
    const auto got = ::read(fd_, bytes, sizeof bytes);
    if (got == 0) ended_ = true;
    for (ssize_t i = 0; i < got; ++i) {
      if (bytes[i] != '\n') {
        line_ += bytes[i];
        continue;
      }
      names_.insert(std::exchange(line_, {}));
    }
  }

  std::string path_;
  int fd_ = -1;
  std::string line_;
  std::set<std::string> names_;
  bool ended_ = false;
};

}  // namespace telltale::faults
