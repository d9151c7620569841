#include "net/line_writer.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "net/test_support.hpp"

namespace telltale::net {
namespace {

// A pipe in packet mode: a reading gets what one write wrote, so that writes can be told apart.
class LineWriterTest : public NetTest {
 protected:
  LineWriterTest() {
    EXPECT_EQ(::pipe2(pipe_.data(), O_DIRECT | O_CLOEXEC | O_NONBLOCK), 0);
    writer_ = on_loop([this] { return std::make_shared<LineWriter>(loop(), pipe_[1], 1'000'000); });
    on_loop([this] { writer_->start(writer_); });
  }
  ~LineWriterTest() override {
    on_loop([this] { writer_.reset(); });
    ::close(pipe_[0]);
  }

  // Until the pipe is empty.
  std::vector<std::string> packets() {
    std::vector<std::string> out;
    std::array<char, 65536> bytes{};
    for (ssize_t got = 0; (got = ::read(pipe_[0], bytes.data(), bytes.size())) > 0;)
      out.emplace_back(bytes.data(), static_cast<std::size_t>(got));
    return out;
  }
  base::Result<void> write(std::string line) { return writer_->write(std::move(line)); }

  std::array<int, 2> pipe_{};
  std::shared_ptr<LineWriter> writer_;
};

using Packets = std::vector<std::string>;

TEST_F(LineWriterTest, EachLineAtOnceButThoseHeldTogether) {
  on_loop([this] {
    EXPECT_TRUE(write("a"));
    EXPECT_TRUE(write("b"));
    writer_->hold();
    for (const auto* const line : {"c", "d", "e"}) EXPECT_TRUE(write(line));
  });
  EXPECT_EQ(packets(), (Packets{"a\n", "b\n"}));
  on_loop([this] { writer_->release(); });
  EXPECT_EQ(packets(), (Packets{"c\nd\ne\n"}));
}

TEST_F(LineWriterTest, AFullPipeIsWrittenAsItEmptiesInOrder) {
  std::string all;
  on_loop([&] {
    writer_->hold();
    for (int i = 0; i < 2'000; ++i) {
      const auto line = std::to_string(i) + std::string(100, 'x');
      all += line + "\n";
      EXPECT_TRUE(write(line));
    }
    writer_->release();
    writer_->close(true);
    EXPECT_FALSE(writer_->is_open());
  });
  std::string got;
  while (got.size() < all.size()) {
    for (const auto& packet : packets()) got += packet;
    on_loop([] {});
  }
  EXPECT_EQ(got, all);
}

TEST_F(LineWriterTest, WhatIsQueuedIsBounded) {
  on_loop([this] {
    writer_->hold();
    EXPECT_TRUE(write(std::string(600'000, 'x')));
    const auto refused = write(std::string(400'000, 'x'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Code::rate_limited);
    writer_->close(false);
    writer_->release();
  });
  EXPECT_EQ(packets(), Packets());
}

}  // namespace
}  // namespace telltale::net
