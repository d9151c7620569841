#include "base/file.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace telltale::base {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string made = testing::TempDir() + "/file_test_XXXXXX";
    if (::mkdtemp(made.data()) != nullptr) folder_ = made;
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::string in(const std::string& name) const { return folder_ + "/" + name; }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

 private:
  std::string folder_;
};

TEST_F(FileTest, gives_back_what_was_written) {
  const std::string bytes = std::string(200'000, 'a') + '\0' + "\r\n";
  ASSERT_TRUE(write_file(in("a"), bytes));
  EXPECT_EQ(read_file(in("a"), bytes.size()).value(), bytes);
  ASSERT_TRUE(write_file(in("a"), "short"));
  EXPECT_EQ(read_file(in("a"), 100).value(), "short");
}

TEST_F(FileTest, names_what_is_wrong) {
  const auto missing = read_file(in("none"), 10);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_EQ(missing.error().detail, in("none") + ": there is no such file or folder");
  ASSERT_TRUE(write_file(in("a"), "12345678901"));
  EXPECT_EQ(read_file(in("a"), 10).error().code, Code::too_large);
  EXPECT_EQ(read_file(in(""), 10).error().code, Code::storage) << "a folder";
  EXPECT_EQ(write_file(in(""), "x").error().code, Code::storage);
}

TEST_F(FileTest, reads_what_has_no_size) {
  EXPECT_FALSE(read_file("/proc/self/status", 1U << 20U).value().empty());
}

TEST_F(FileTest, a_file_that_cannot_be_replaced_stays_as_it_was) {
  ASSERT_TRUE(replace_file(in("a"), "first"));
  ASSERT_TRUE(replace_file(in("a"), "second"));
  EXPECT_EQ(read_file(in("a"), 100).value(), "second");
  std::filesystem::create_directories(in("b/c"));
  EXPECT_FALSE(replace_file(in("b"), "x")) << "a folder is in the way";
  EXPECT_EQ(files(), 2U) << "no .part is left";
  EXPECT_FALSE(write_file("/dev/full", "x")) << "a full disk";
}

}  // namespace
}  // namespace telltale::base
