#include "media/ffmpeg_functions.hpp"

#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include "base/check.hpp"
#include "base/log.hpp"

namespace telltale::media {

namespace {

template <class Function>
struct BeforeLoading;
template <class Return, class... Arguments>
struct BeforeLoading<Return (*)(Arguments...)> {
  static Return call(Arguments...) { base::check_failed("load_ffmpeg()", __FILE__, __LINE__); }
};

// A soname of the major version whose headers we were built with: another has other structs.
#define TELLTALE_SONAME(library, major) "lib" library ".so." AV_STRINGIFY(major)

}  // namespace

// What is defined takes no parentheses.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define TELLTALE_DEFINE(name) decltype(&::name) name = BeforeLoading<decltype(&::name)>::call;
TELLTALE_FFMPEG(TELLTALE_DEFINE)
#undef TELLTALE_DEFINE

base::Result<std::vector<void*>> look_up(const FfmpegLibrary& library) {
  // Never closed: what it allocated and the threads it started may outlive any stream.
  void* const handle = ::dlopen(library.soname, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    // The loader's own words may have paths in them: they are for the log.
    base::write_log(base::LogLevel::warning, "media", ::dlerror());
    return base::fail(base::Code::unavailable,
                      std::string("media needs FFmpeg's ") + library.soname +
                          ", which cannot be loaded on this server (is its package installed?)");
  }
  std::vector<void*> found;
  for (const auto& function : library.functions) {
    found.push_back(::dlsym(handle, function.name));
    if (found.back() == nullptr)
      return base::fail(base::Code::unavailable, std::string("FFmpeg's ") + library.soname +
                                                     " has no function " + function.name);
  }
  return found;
}

base::Result<void> load_ffmpeg_functions() {
#define TELLTALE_ROW(name) \
  {#name, [](void* found) { (name) = reinterpret_cast<decltype(&::name)>(found); }},
  // Each after those it needs.
  const std::vector<FfmpegLibrary> libraries{
      {TELLTALE_SONAME("avutil", LIBAVUTIL_VERSION_MAJOR), {TELLTALE_AVUTIL(TELLTALE_ROW)}},
      {TELLTALE_SONAME("swresample", LIBSWRESAMPLE_VERSION_MAJOR),
       {TELLTALE_SWRESAMPLE(TELLTALE_ROW)}},
      {TELLTALE_SONAME("swscale", LIBSWSCALE_VERSION_MAJOR), {TELLTALE_SWSCALE(TELLTALE_ROW)}},
      {TELLTALE_SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR), {TELLTALE_AVCODEC(TELLTALE_ROW)}},
      {TELLTALE_SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR), {TELLTALE_AVFORMAT(TELLTALE_ROW)}},
  };
#undef TELLTALE_ROW
  std::vector<std::vector<void*>> found;
  for (const auto& library : libraries) {
    auto functions = look_up(library);
    if (!functions) return std::unexpected(functions.error());
    found.push_back(std::move(*functions));
  }
  // All or nothing: what is set once never changes again.
  for (std::size_t i = 0; i < libraries.size(); ++i)
    for (std::size_t j = 0; j < found[i].size(); ++j) libraries[i].functions[j].set(found[i][j]);
  return {};
}

}  // namespace telltale::media
