#include "media/ffmpeg.hpp"

#include <gtest/gtest.h>

namespace telltale::media {
namespace {

TEST(Ffmpeg, ALibraryThatIsNotThereIsNamed) {
  const auto missing = look_up({.soname = "libavformat.so.1", .functions = {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::unavailable);
  EXPECT_NE(missing.error().detail.find("libavformat.so.1"), std::string::npos);
}

TEST(Ffmpeg, AFunctionThatIsNotThereIsNamed) {
  const auto missing = look_up({.soname = "libavutil.so." AV_STRINGIFY(LIBAVUTIL_VERSION_MAJOR),
                                .functions = {{.name = "av_malloc", .set = nullptr},
                                              {.name = "av_no_such", .set = nullptr}}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::unavailable);
  EXPECT_NE(missing.error().detail.find("av_no_such"), std::string::npos);
}

TEST(FfmpegDeathTest, AFunctionCalledBeforeLoadingSaysSo) {
  // A process of its own: here it may be loaded already.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(av_malloc(1), "load_ffmpeg");
}

}  // namespace
}  // namespace telltale::media
