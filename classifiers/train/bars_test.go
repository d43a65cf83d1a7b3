package train

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/amends-care/amends/classifiers/eval"
)

// dataDir is where the data sets are: beside the checkout. Without them a test
// is skipped, but not where CI=true promises them.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI=true, but the data sets are not there: %v", err)
		}
		t.Skipf("needs the data sets beside the checkout: %v", err)
	}
	return dir
}

func complaints(t testing.TB) []Example {
	t.Helper()
	examples, err := ReadComplaints(filepath.Join(dataDir(t), "complaints_dev_train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

func TestTenFoldReachesTheBar(t *testing.T) {
	examples := complaints(t)
	points := crossValidate(examples, 10, 1)
	var brands []eval.Point
	for i, p := range points {
		if brand(&examples[i]) {
			brands = append(brands, p)
		}
	}
	for _, bar := range []struct {
		name   string
		points []eval.Point
		least  float64
	}{{"all rows", points, 0.825}, {"brand rows", brands, 0.76}} {
		f := eval.At(bar.points, 0.5).MacroF1()
		t.Logf("%s: macro-F1 %.4f in 10-fold, bar %.3f", bar.name, f, bar.least)
		if f < bar.least {
			t.Errorf("%s: macro-F1 %.4f, want %.3f or more", bar.name, f, bar.least)
		}
	}
}
