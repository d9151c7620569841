#include "report/pdf/libraries.hpp"

#include <dlfcn.h>

#include "base/log.hpp"

namespace telltale::report::pdf {

// What is defined takes no parentheses.
// NOLINTNEXTLINE(bugprone-macro-parentheses)
#define TELLTALE_DEFINE(name) decltype(&::name) name = nullptr;
TELLTALE_PDF_FUNCTIONS(TELLTALE_DEFINE)
#undef TELLTALE_DEFINE

namespace {

base::Result<void> look_up() {
  // Never closed. What it depends on is looked through too.
  void* const handle = ::dlopen("libpangocairo-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    base::write_log(base::LogLevel::warning, "report", ::dlerror());
    return base::fail(base::Code::unavailable,
                      "PDF needs libpangocairo-1.0.so.0, which cannot be loaded on this server (is "
                      "libpangocairo-1.0-0 installed?)");
  }
  const char* missing = nullptr;
#define TELLTALE_LOOK_UP(name)                                          \
  (name) = reinterpret_cast<decltype(&::name)>(::dlsym(handle, #name)); \
  if ((name) == nullptr) missing = #name;
  TELLTALE_PDF_FUNCTIONS(TELLTALE_LOOK_UP)
#undef TELLTALE_LOOK_UP
  if (missing != nullptr)
    return base::fail(base::Code::unavailable,
                      std::string("the installed Pango and cairo have no ") + missing);
  return {};
}

}  // namespace

base::Result<void> load_libraries() {
  static const auto kLoaded = look_up();
  return kLoaded;
}

}  // namespace telltale::report::pdf
