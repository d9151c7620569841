#include "base/stderr_sink.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace telltale::base {
namespace {

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    ::fcntl(ends[0], F_SETFL,
            O_NONBLOCK);  // the reader's side; the writer's blocks, as stderr does
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::string read_all() const {
    std::string out;
    std::array<char, 65536> bytes{};
    for (ssize_t n = 0; (n = ::read(ends[0], bytes.data(), bytes.size())) > 0;)
      out.append(bytes.data(), static_cast<std::size_t>(n));
    return out;
  }
};

spdlog::logger logger_to(int descriptor, std::atomic<std::uint64_t>& lost) {
  spdlog::logger out("test", std::make_shared<StderrSink>(descriptor, lost));
  out.set_pattern("%v");
  return out;
}

TEST(StderrSink, LinesGoOut) {
  const Pipe pipe;
  std::atomic<std::uint64_t> lost{0};
  auto log = logger_to(pipe.ends[1], lost);
  log.info("one");
  log.info(std::string(10'000, 'x'));  // over what a pipe takes at once
  EXPECT_EQ(pipe.read_all(), "one\n" + std::string(10'000, 'x') + "\n");
  EXPECT_EQ(lost, 0U);
}

// A pipe that nobody empties holds nobody up; how many lines are missing is said where they are.
TEST(StderrSink, AFullPipeCostsLinesAndNoTime) {
  const Pipe pipe;
  std::atomic<std::uint64_t> lost{0};
  auto log = logger_to(pipe.ends[1], lost);
  const std::string line(100, 'y');
  for (int i = 0; i < 2'000; ++i) log.info(line);  // 200 KB into 64 KiB: would block for ever
  const auto missing = lost.load();
  EXPECT_GT(missing, 0U);
  const auto before = pipe.read_all();
  EXPECT_EQ(before.size() / 101, 2'000 - missing) << "each line is there or counted";
  log.info("again");
  EXPECT_NE(
      pipe.read_all().find("(" + std::to_string(missing) + " log lines were lost here)\nagain"),
      std::string::npos);
  EXPECT_EQ(lost, missing);
}

TEST(StderrSink, AClosedPipeCostsLinesOnly) {
  Pipe pipe;
  std::atomic<std::uint64_t> lost{0};
  auto log = logger_to(pipe.ends[1], lost);
  const int ended = ::dup(pipe.ends[0]);
  ::close(pipe.ends[0]);
  ::close(ended);
  const auto before = ::signal(SIGPIPE, SIG_IGN);  // as the server does
  log.info("to nobody");
  ::signal(SIGPIPE, before);
  EXPECT_EQ(lost, 1U);
  pipe.ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(StandardStreams, ClosedOnesAreHeld) {
  EXPECT_EXIT(
      {
        for (int descriptor = 0; descriptor < 3; ++descriptor) ::close(descriptor);
        hold_standard_streams();
        const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::_exit(next > 2 ? 7 : 8);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace telltale::base
