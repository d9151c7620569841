#include "series/function_value.hpp"

namespace telltale::series {

double value_of(Function function, double quantile, const Rollup& total, double seconds) {
  switch (function) {
    case Function::avg:
      return total.average();
    case Function::sum:
      return total.sum;
    case Function::min:
      return total.minimum;
    case Function::max:
      return total.maximum;
    case Function::count:
      return static_cast<double>(total.count);
    case Function::rate:
      return total.increase / seconds;
    case Function::increase:
      return total.increase;
    case Function::last:
      return total.last;
    case Function::quantile:
      return total.sketch.quantile(quantile).value_or(0);
  }
  return 0;
}

}  // namespace telltale::series
